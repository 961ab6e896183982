package bcast.storage.journal;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.storage.Arrival;
import bcast.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Appends what comes into a store to the newest of the journal's files, in the order of arrival.
 * Used by one thread at a time.
 */
final class JournalWriter implements Closeable {

    /** A file is closed when it is so long. */
    static final int FILE_BYTES = 8 << 20;

    private static final int RECORDS_A_WRITE = 1_024;

    private final JournalDir dir;
    private final Journal.Sync sync;
    private final Storage storage;
    private final Clock clock;
    private final Supplier<SecureRandom> random;
    private final Counters counters;
    private final ByteBuffer buffer = ByteBuffer.allocate(Frames.MAX_BYTES);
    /** The last record in the buffer, and the latest timestamp. */
    private long buffered;
    private long bufferedNewestMs;
    private JournalFile file;
    /** Files whose every record is to be written again, and the last record of each. */
    private final Map<Path, Long> copies = new HashMap<>();
    /** Place of the last record that is written, and of the last that the disk confirmed. */
    private long written;
    private long synced;

    JournalWriter(JournalDir dir, Journal.Sync sync, Storage storage, Context context) {
        this.dir = dir;
        this.sync = sync;
        this.storage = storage;
        this.clock = context.clock();
        this.random = context.random();
        this.counters = context.counters();
    }

    /** All that is stored now is in files. */
    void begin() {
        written = storage.lastArrival();
        synced = written;
    }

    /** Place of the last record that is written. */
    long written() {
        return written;
    }

    /** Place of the last record that is as safe as promised. */
    long kept() {
        return sync == Journal.Sync.ALWAYS ? synced : written;
    }

    /** Writes some of what is there. Returns whether there may be more. */
    boolean writeSome() throws IOException {
        long last = storage.lastArrival();
        List<Arrival> some = storage.undeleted(written, RECORDS_A_WRITE);
        if (some.isEmpty()) {
            // What came between is gone.
            written(Math.max(written, last));
        } else {
            append(some);
        }
        if (sync == Journal.Sync.ALWAYS) {
            sync();
        }
        return !some.isEmpty();
    }

    private void written(long seq) {
        written = seq;
        if (sync == Journal.Sync.NEVER) {
            synced = seq;
        }
        copies.entrySet().removeIf(each -> each.getValue() <= seq
                && dir.delete(each.getKey()).isEmpty());
    }

    private void append(List<Arrival> some) throws IOException {
        for (Arrival each : some) {
            if (Frames.length(each.data()) > buffer.remaining()) {
                flush();
                if (file == null) {
                    // One file a turn, so that who waits sees that the disk gets on.
                    return;
                }
            }
            if (file == null) {
                file = dir.create(random.get().nextLong());
            }
            Frames.write(each.data(), file.salt, buffer);
            buffered = each.seq();
            bufferedNewestMs = Math.max(bufferedNewestMs, each.data().timestamp());
        }
        flush();
    }

    private void flush() throws IOException {
        if (buffer.position() > 0) {
            file.append(buffer.flip());
            counters.add(Journal.BYTES, buffer.limit());
            file.newestMs = Math.max(file.newestMs, bufferedNewestMs);
            written(buffered);
            forget();
        }
        if (file != null && file.bytes >= FILE_BYTES) {
            if (sync != Journal.Sync.NEVER) {
                sync();
            }
            complete();
        }
    }

    private void forget() {
        buffer.clear();
        bufferedNewestMs = 0;
    }

    /** The file gets no more records. */
    private void complete() throws IOException {
        dir.complete(file.path, file.newestMs);
        JournalFile done = file;
        file = null;
        done.close();
    }

    /** Waits until the disk has what was written. */
    void sync() throws IOException {
        if (file != null && file.unsynced) {
            long beganNs = clock.steadyNs();
            file.sync();
            counters.observe(Journal.SYNC_SECONDS, (clock.steadyNs() - beganNs) / 1e9);
        }
        synced = written;
    }

    /** Lets the file be deleted if all in it has expired. */
    void completeExpired() throws IOException {
        if (file != null && file.bytes > 0 && dir.expired(file.newestMs)) {
            complete();
        }
    }

    /**
     * After a failure: what is whole counts as written, and the file goes on. Only what the disk
     * failed to confirm is written again, to a file of its own.
     */
    void recover() {
        forget();
        if (file != null && !mended()) {
            giveUp();
        }
    }

    private boolean mended() {
        if (file.doubtful) {
            return false;
        }
        try {
            file.cut();
            if (sync != Journal.Sync.NEVER) {
                sync();
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void giveUp() {
        if (file.bytes > 0) {
            dir.complete(file.path, file.newestMs);
        }
        if (file.bytes > 0 && !file.confirmed && written > synced) {
            copies.put(file.path, written);
        }
        written = synced;
        file.abandon();
        file = null;
    }

    @Override
    public void close() throws IOException {
        if (file != null && sync != Journal.Sync.NEVER) {
            sync();
        }
        if (file != null) {
            file.close();
        }
    }
}
