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

/**
 * Appends the records of a store to the newest of the journal's files, in their order of arrival.
 * Used by one thread at a time.
 */
final class JournalWriter implements Closeable {

    /** A file of this length is closed, and the next one begins. */
    static final int FILE_BYTES = 8 << 20;

    private static final int RECORDS_A_WRITE = 1_024;

    private final JournalDir dir;
    private final Journal.Sync sync;
    private final Storage storage;
    private final Clock clock;
    private final SecureRandom random;
    private final Counters counters;
    private final ByteBuffer buffer = ByteBuffer.allocate(Frames.MAX_BYTES);
    /** Sequence number of the last record in the buffer. */
    private long buffered;
    private JournalFile file;
    /** Files of which all records are to be written again, with the last record of each. */
    private final Map<Path, Long> copies = new HashMap<>();
    /** Sequence numbers of the last record written and of the last record synced. */
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

    /** Counts the records stored now as written: they came from files. */
    void begin() {
        written = storage.lastArrival();
        synced = written;
    }

    long written() {
        return written;
    }

    /** Sequence number of the last record that is as safe as {@link Journal.Sync} demands. */
    long kept() {
        return sync == Journal.Sync.ALWAYS ? synced : written;
    }

    /** Writes some of the records that are waiting. Returns whether there may be more. */
    boolean writeSome() throws IOException {
        long last = storage.lastArrival();
        List<Arrival> some = storage.arrivalsWithExpired(written, RECORDS_A_WRITE);
        if (some.isEmpty()) {
            // The records between are no longer stored.
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
                    // One file a turn, so that waiting clients see progress.
                    return;
                }
            }
            if (file == null) {
                file = dir.create(random.nextLong());
            }
            Frames.write(each.data(), file.salt, buffer);
            buffered = each.seq();
            file.newestMs = Math.max(file.newestMs, each.data().timestamp());
        }
        flush();
    }

    private void flush() throws IOException {
        if (buffer.position() > 0) {
            file.append(buffer.flip());
            counters.add(Journal.BYTES, buffer.limit());
            written(buffered);
            buffer.clear();
        }
        if (file != null && file.bytes >= FILE_BYTES) {
            sync();
            complete();
        }
    }

    private void complete() throws IOException {
        dir.complete(file.path, file.newestMs);
        JournalFile done = file;
        file = null;
        done.close();
    }

    /** Syncs what was written, except with {@link Journal.Sync#NEVER}. */
    void sync() throws IOException {
        if (sync != Journal.Sync.NEVER && file != null && file.unsynced) {
            long beganNs = clock.steadyNs();
            file.sync();
            counters.observe(Journal.SYNC_SECONDS, (clock.steadyNs() - beganNs) / 1e9);
        }
        synced = written;
    }

    /** Completes the file, so that it is deleted, if all its records have expired. */
    void completeExpired() throws IOException {
        if (file != null && file.bytes > 0 && dir.expired(file.newestMs)) {
            complete();
        }
    }

    /**
     * Continues after a failure. Complete writes count as written, and the file is used further.
     * Only after a failed sync are records written again, to a new file.
     */
    void recover() {
        buffer.clear();
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
            sync();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void giveUp() {
        if (file.bytes > 0) {
            dir.complete(file.path, file.newestMs);
            if (!file.confirmed && written > synced) {
                copies.put(file.path, written);
            }
        }
        written = synced;
        file.abandon();
        file = null;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            sync();
            file.close();
        }
    }
}
