package bcast.storage.journal;

import bcast.data.Data;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Reads the {@link Frames} of a file of any length through one buffer. Used by one thread. */
final class FrameReader {

    /** The longest frame, and the bytes that one read may add to it. */
    static final int BUFFER_BYTES = Frames.MAX_BYTES + (256 << 10);

    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private InputStream file;
    /** Offset of the buffer's first byte in the file. */
    private long start;
    private int at;
    private int filled;

    /**
     * What a file contained.
     *
     * @param records sound records
     * @param damaged unreadable regions before the end, each of one record or more
     * @param end offset after the last record; what follows is an incomplete write
     * @param bytes the file's length
     * @param newestMs the latest timestamp, 0 without records
     */
    record Content(int records, int damaged, long end, long bytes, long newestMs) {}

    /** Reads all sound records. If reading fails, the sink has received those before the fault. */
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
            // Unreadable bytes before a sound head are damage, not an incomplete write.
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

    /** Whether the file has a number of further bytes, which are then in the buffer. */
    private boolean has(int count) throws IOException {
        if (filled - at < count) {
            System.arraycopy(buffer.array(), at, buffer.array(), 0, filled - at);
            start += at;
            filled -= at;
            at = 0;
        }
        int read = 0;
        // Reads no more than needed, so that a bad block does not hide the records before it.
        while (filled - at < count && read >= 0) {
            read = file.read(buffer.array(), filled, BUFFER_BYTES - filled);
            filled += Math.max(read, 0);
        }
        return filled - at >= count;
    }
}
