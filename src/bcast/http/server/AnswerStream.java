package bcast.http.server;

import java.io.IOException;
import java.io.OutputStream;

/**
 * The body of an answer, written in slices. The client has a deadline for each slice, and one for
 * all whatever progress it makes. Belongs to the request's thread.
 */
final class AnswerStream extends OutputStream {

    private final OutputStream out;
    private final Deadlines.Deadline deadline;
    private final StallTimeout patience;
    private final long beganMs;
    private final long longestMs;
    private long bytes;

    AnswerStream(OutputStream out, Deadlines.Deadline deadline, StallTimeout patience,
            long longestMs) {
        this.out = out;
        this.deadline = deadline;
        this.patience = patience;
        this.beganMs = deadline.nowMs();
        this.longestMs = longestMs;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int from, int length) throws IOException {
        for (int at = 0; at < length; at += Call.MAX_WRITE_BYTES) {
            int slice = Math.min(Call.MAX_WRITE_BYTES, length - at);
            extend();
            out.write(source, from + at, slice);
            bytes += slice;
        }
    }

    private void extend() throws IOException {
        long leftMs = longestMs - (deadline.nowMs() - beganMs);
        if (leftMs < 0) {
            deadline.cut();
            throw new IOException("the client read the response for over " + longestMs + " ms");
        }
        patience.restart();
        // A write may block for longer than is left.
        deadline.extend(takenMs -> Math.min(patience.applyAsLong(takenMs), leftMs));
    }

    @Override
    public void flush() throws IOException {
        extend();
        out.flush();
    }

    @Override
    public void close() throws IOException {
        extend();
        out.close();
    }

    /** Bytes written. */
    long bytes() {
        return bytes;
    }
}
