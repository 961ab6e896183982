package bcast.testing;

import java.io.IOException;
import java.io.InputStream;

/** The body of an answer that comes in chunks (RFC 9112, section 7.1). */
public final class ChunkedBody extends InputStream {

    private final InputStream raw;
    private int left;

    public ChunkedBody(InputStream raw) {
        this.raw = raw;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (left == 0) {
            left = size();
        }
        int read = left <= 0 ? -1 : raw.read(target, from, Math.min(length, left));
        if (read > 0) {
            left -= read;
            if (left == 0) {
                raw.readNBytes(2);
            }
        }
        return read;
    }

    private int size() throws IOException {
        StringBuilder hex = new StringBuilder();
        for (int b = raw.read(); b != '\n'; b = raw.read()) {
            if (b < 0) {
                return -1;
            }
            hex.append((char) b);
        }
        return Integer.parseInt(hex.toString().trim(), 16);
    }
}
