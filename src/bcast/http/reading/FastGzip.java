package bcast.http.reading;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Gzip at its fastest level, since each list is compressed anew. */
final class FastGzip extends GZIPOutputStream {

    private static final int BUFFER_BYTES = 16 * 1024;

    /** Memory of one: zlib's window and tables outside the heap (zconf.h), and the buffer. */
    static final int MEMORY_BYTES = 256 * 1024 + 16 * 1024 + BUFFER_BYTES;

    FastGzip(OutputStream out) throws IOException {
        super(out, BUFFER_BYTES);
        def.setLevel(Deflater.BEST_SPEED);
    }

    /** Frees what the compressor holds outside the heap, also if the client is gone. */
    void free() {
        def.end();
    }

    /** Writes the end and frees what the compressor holds outside the heap. */
    @Override
    public void finish() throws IOException {
        super.finish();
        free();
    }
}
