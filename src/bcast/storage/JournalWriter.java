package bcast.storage;

import bcast.base.Clock;
import bcast.base.Counters;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongSupplier;

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
    private final LongSupplier salts;
    private final Counters counters;
    private final ByteBuffer buffer = ByteBuffer.allocate(Frames.MAX_BYTES);
    private JournalFile file;
    /** Place of the last record that is written, and of the last that the disk confirmed. */
    private long written;
    private long synced;

    JournalWriter(JournalDir dir, Journal.Sync sync, Storage storage, Clock clock,
            LongSupplier salts, Counters counters) {
        this.dir = dir;
        this.sync = sync;
        this.storage = storage;
        this.clock = clock;
        this.salts = salts;
        this.counters = counters;
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

    /** Writes some of what is there. Returns whether there may be more. */
    boolean writeSome() throws IOException {
        long last = storage.lastArrival();
        List<Arrival> some = storage.arrivals(written, RECORDS_A_WRITE);
        if (some.isEmpty()) {
            // What came between has expired.
            written = Math.max(written, last);
        } else {
            append(some);
            written = some.get(some.size() - 1).seq();
        }
        if (sync == Journal.Sync.ALWAYS) {
            sync();
        } else if (sync == Journal.Sync.NEVER) {
            synced = written;
        }
        return !some.isEmpty();
    }

    private void append(List<Arrival> some) throws IOException {
        buffer.clear();
        for (Arrival each : some) {
            if (Frames.length(each.data()) > buffer.remaining()) {
                flush();
            }
            if (file == null) {
                file = dir.create(salts.getAsLong());
            }
            Frames.write(each.data(), file.salt, buffer);
            file.newestMs = Math.max(file.newestMs, each.data().timestamp());
        }
        flush();
    }

    private void flush() throws IOException {
        if (buffer.position() > 0) {
            counters.add(Journal.BYTES, buffer.position());
            file.append(buffer.flip());
            buffer.clear();
        }
        if (file != null && file.bytes >= FILE_BYTES) {
            if (sync != Journal.Sync.NEVER) {
                sync();
            }
            complete();
        }
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

    /** After a failure: what the disk did not confirm is written again, to a file of its own. */
    void recover() {
        written = synced;
        buffer.clear();
        if (file != null) {
            dir.complete(file.path, file.newestMs);
            file.abandon();
            file = null;
        }
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
