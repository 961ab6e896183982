package bcast.storage.journal;

import bcast.data.Data;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Reads {@link Frames} of files as streams, through one buffer however long a file is. Used by one
 * thread.
 */
final class FrameReader {

    /** The longest frame, and what is read at once beyond it. */
    static final int BUFFER_BYTES = Frames.MAX_BYTES + (256 << 10);

    private final byte[] bytes = new byte[BUFFER_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
    private InputStream file;
    /** Place of the buffer's first byte in the file. */
    private long start;
    private int at;
    private int filled;

    /**
     * What was in a file.
     *
     * @param records sound records
     * @param damaged places in the middle that could not be read, each of one record or more
     * @param end where the last record ends; what follows was cut off while it was written
     * @param bytes the file's length
     * @param newestMs the latest timestamp, 0 without records
     */
    record Content(int records, int damaged, long end, long bytes, long newestMs) {}

    /** Reads all that is sound. If reading fails the sink has what came before. */
    Content read(InputStream from, long salt, Consumer<Data> sink) throws IOException {
        file = from;
        start = 0;
        at = 0;
        filled = 0;
        int records = 0;
        int damaged = 0;
        long newestMs = 0;
        long end = 0;
        while (has(Frames.HEAD_BYTES)) {
            if (!Frames.soundHead(buffer, at, salt)) {
                at++;
                continue;
            }
            int length = Frames.HEAD_BYTES + buffer.getInt(at);
            if (!has(length)) {
                break;
            }
            // What could not be read before a sound head is damage, not an end cut off.
            damaged += start + at > end ? 1 : 0;
            Data data = Frames.record(buffer, at);
            if (data == null) {
                damaged++;
            } else {
                records++;
                newestMs = Math.max(newestMs, data.timestamp());
                sink.accept(data);
            }
            at += length;
            end = start + at;
        }
        return new Content(records, damaged, end, start + filled, newestMs);
    }

    /** Whether the file has some more bytes; they are in the buffer then, and all if it has not. */
    private boolean has(int count) throws IOException {
        if (filled - at < count) {
            System.arraycopy(bytes, at, bytes, 0, filled - at);
            start += at;
            filled -= at;
            at = 0;
        }
        int read = 0;
        // No more than needed: a bad block should cost what is before it as little as can be.
        while (filled - at < count && read >= 0) {
            read = file.read(bytes, filled, bytes.length - filled);
            filled += Math.max(read, 0);
        }
        return filled - at >= count;
    }
}
