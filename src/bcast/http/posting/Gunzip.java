package bcast.http.posting;

import bcast.http.server.ClientBody;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes a body in gzip (RFC 1952): one member after the other until the body ends. The JDK's own
 * stream ends where a client pauses, and leaks native memory after a bad header.
 * Belongs to the request's thread.
 */
final class Gunzip implements AutoCloseable {

    /** Memory for decoding: a window of 32 KiB, tables, and the buffer. */
    static final int MEMORY_BYTES = 48 * 1024;

    private static final int BUFFER_BYTES = 8 * 1024;
    private static final int MAGIC = 0x8b1f;
    private static final int DEFLATE = 8;
    private static final int CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;
    private static final int TIME_AND_SYSTEM_BYTES = 6;

    private final ClientBody body;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int filled;
    private boolean inMember;

    Gunzip(ClientBody body) {
        this.body = body;
    }

    /** Decodes some bytes. Returns how many, or -1 at the end. */
    int read(byte[] target, int from, int most) throws IOException, HttpError {
        while (inMember || at < filled || fill()) {
            if (!inMember) {
                readHeader();
            }
            int got = inflate(target, from, most);
            if (got > 0) {
                crc.update(target, from, got);
                return got;
            }
        }
        return -1;
    }

    private int inflate(byte[] target, int from, int most) throws IOException, HttpError {
        try {
            int got = inflater.inflate(target, from, most);
            if (got == 0 && inflater.finished()) {
                at = filled - inflater.getRemaining();
                readTrailer();
            } else if (got == 0 && inflater.needsInput()) {
                if (!fill()) {
                    throw malformed("it ends early");
                }
                inflater.setInput(buffer, 0, filled);
            } else if (got == 0) {
                throw malformed("it needs a dictionary");
            }
            return got;
        } catch (DataFormatException e) {
            throw malformed(e.getMessage());
        }
    }

    private void readHeader() throws IOException, HttpError {
        if (number(2) != MAGIC || next() != DEFLATE) {
            throw malformed("no gzip header");
        }
        int flags = next();
        if ((flags & RESERVED) != 0) {
            throw malformed("unknown flags");
        }
        skip(TIME_AND_SYSTEM_BYTES);
        skip((flags & EXTRA) != 0 ? number(2) : 0);
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        skip((flags & CHECKSUM) != 0 ? 2 : 0);
        inflater.reset();
        inflater.setInput(buffer, at, filled - at);
        crc.reset();
        inMember = true;
    }

    private void readTrailer() throws IOException, HttpError {
        if (number(4) != crc.getValue()) {
            throw malformed("wrong checksum");
        }
        if (number(4) != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw malformed("wrong length");
        }
        inMember = false;
    }

    /** An unsigned number, its lowest byte first. */
    private long number(int bytes) throws IOException, HttpError {
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            number |= (long) next() << 8 * i;
        }
        return number;
    }

    private void skip(long bytes) throws IOException, HttpError {
        for (long i = 0; i < bytes; i++) {
            next();
        }
    }

    private void skipText() throws IOException, HttpError {
        while (next() != 0) {
            continue;
        }
    }

    private int next() throws IOException, HttpError {
        if (at == filled && !fill()) {
            throw malformed("it ends early");
        }
        return buffer[at++] & 0xff;
    }

    private boolean fill() throws IOException {
        at = 0;
        filled = Math.max(0, body.read(buffer, 0, buffer.length));
        return filled > 0;
    }

    private static HttpError malformed(String why) {
        return new HttpError(400, "malformed", "Malformed gzip body: " + why);
    }

    /** Frees what decoding holds outside the heap. */
    @Override
    public void close() {
        inflater.end();
    }
}
