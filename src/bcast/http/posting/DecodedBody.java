package bcast.http.posting;

import bcast.http.server.Call;
import bcast.http.server.ClientBody;
import bcast.http.server.HttpError;
import bcast.http.server.RequestThreads;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** The body of a post, decoded, in memory that is counted. Belongs to the request's thread. */
final class DecodedBody implements AutoCloseable {

    /**
     * Most decoded bytes for each byte sent, beyond what a body of one record may have. Text rarely
     * shrinks to less than a twentieth, but a byte can stand for 1,032.
     */
    static final int MAX_RATIO = 100;

    /** Decoded bytes after which other requests have their turn. */
    private static final int TURN_BYTES = 64 * 1024;

    /** First allocation for a body: its announced length takes no memory until it arrives. */
    private static final int FIRST_BYTES = 4 * 1024;

    private final Call call;
    private final ClientBody body;
    private final int limit;
    private final Optional<Gunzip> gunzip;
    private long decoded;
    private int sinceTurn;

    /** Reads a body, of which one record may take up to a limit, decoded. */
    DecodedBody(Call call, int limit) throws HttpError {
        this.call = call;
        this.body = call.body();
        this.limit = limit;
        String encoding = call.list("Content-Encoding").trim().toLowerCase(Locale.ROOT);
        switch (encoding) {
            case "", "identity" -> gunzip = Optional.empty();
            case "gzip", "x-gzip" -> {
                call.memory().take(Gunzip.MEMORY_BYTES);
                gunzip = Optional.of(new Gunzip(body));
            }
            default -> {
                call.setHeader("Accept-Encoding", "gzip");
                throw new HttpError(415, "encoding", "Content-Encoding is " + encoding
                        + ": send gzip or none");
            }
        }
    }

    /** Reads some bytes. Returns how many, or -1 at the end. */
    int read(byte[] target, int from, int length) throws IOException, HttpError {
        if (sinceTurn >= TURN_BYTES) {
            RequestThreads.giveWay();
            sinceTurn = 0;
        }
        int read = gunzip.isEmpty() ? body.read(target, from, length)
                : gunzip.get().read(target, from, length);
        sinceTurn += Math.max(read, 0);
        decoded += Math.max(read, 0);
        if (decoded > limit + MAX_RATIO * body.bytesRead()) {
            throw new HttpError(413, "too_large", "The body decodes to more than " + MAX_RATIO
                    + " times its length");
        }
        return read;
    }

    /** Reads the whole body. A longer one than the limit is refused, without reading it all. */
    LineReader.Line whole() throws IOException, HttpError {
        if (body.length() != Long.MAX_VALUE && body.length() > limit) {
            throw tooLarge();
        }
        call.memory().take(FIRST_BYTES);
        byte[] bytes = new byte[FIRST_BYTES];
        int length = 0;
        while (true) {
            int read = read(bytes, length, bytes.length - length);
            if (read < 0) {
                return new LineReader.Line(1, bytes, 0, length);
            }
            length += read;
            if (length > limit || body.bytesRead() > limit) {
                throw tooLarge();
            }
            if (length == bytes.length) {
                bytes = larger(bytes);
            }
        }
    }

    /** Doubles the array, up to the announced length or the limit. */
    private byte[] larger(byte[] bytes) throws HttpError {
        long enough = gunzip.isPresent() ? limit : Math.min(limit, body.length());
        // One more, to see the end.
        return call.memory().grow(bytes, (int) Math.min(2L * bytes.length, enough + 1));
    }

    private HttpError tooLarge() {
        return new HttpError(413, "too_large", "The body is longer than " + limit + " bytes");
    }

    @Override
    public void close() {
        gunzip.ifPresent(Gunzip::close);
    }
}
