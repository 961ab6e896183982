package bcast.bench.speed;

import bcast.testing.News;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** New records with ids of 36 bytes and raws of 100, as many as are wanted. */
final class Posts {

    private static final String RAW = "The quick brown fox jumps over the lazy dog. ".repeat(3)
            .substring(0, 88);
    /** What the texts and the timestamp of such a record take. */
    static final int RECORD_BYTES = 36 + 100 + 32 + 8;

    private final long series = ThreadLocalRandom.current().nextLong(1L << 32);
    private int next;

    /** The next record's id. */
    String id() {
        return String.format(Locale.ROOT, "%08x-0000-4000-8000-%012x", series, next++);
    }

    /** A record with a raw of its own. */
    static byte[] json(String id) {
        return News.json(id, RAW + id.substring(24)).getBytes(StandardCharsets.UTF_8);
    }

    /** The request that posts a record. */
    static byte[] request(String path, String id) {
        return Http.request("POST", path, "application/json", json(id));
    }

    /** The request that posts many new records, one a line. */
    byte[] batch(String path, int records) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream(records * 240);
        for (int i = 0; i < records; i++) {
            lines.writeBytes(json(id()));
            lines.write('\n');
        }
        return Http.request("POST", path, "application/x-ndjson", lines.toByteArray());
    }
}
