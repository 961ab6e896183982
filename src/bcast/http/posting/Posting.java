package bcast.http.posting;

import bcast.core.Core;
import bcast.eventbus.Source;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * The one path of posted records, alone or in a batch: parsed, delivered to the core, settled, and
 * replied to. A large record takes several times its size while it is parsed and delivered, so few
 * of them are at a time. Safe for use by any thread.
 */
final class Posting {

    /** A longer JSON text is large. */
    static final int LARGE_BYTES = 64 * 1024;

    /** Length of a JSON text beyond raw: id, signature, names, escapes and unknown fields. */
    static final int ENVELOPE_BYTES = 64 * 1024;

    /** Most large ones at a time: their work is for processors, and none of it waits. */
    private static final int LARGE_AT_ONCE = 2;

    private final Core core;
    private final int maxRaw;
    private final Semaphore large = new Semaphore(LARGE_AT_ONCE, true);

    /** Accepts raw up to a length in bytes of UTF-8. */
    Posting(Core core, int maxRaw) {
        this.core = core;
        this.maxRaw = maxRaw;
    }

    /** Longest JSON text of a record, in bytes. */
    int maxBytes() {
        return maxRaw + ENVELOPE_BYTES;
    }

    RecordParser parser() {
        return new RecordParser(maxRaw);
    }

    /** Parses a record, which is to be delivered; one that is malformed has its reply. */
    PostedRecord parse(RecordParser parser, LineReader.Line json) {
        try {
            return PostedRecord.parsed(json.number(), parser.read(json));
        } catch (HttpError e) {
            return PostedRecord.rejected(json.number(), parser.id(), e);
        }
    }

    /** Delivers a parsed record, which has its reply afterwards. */
    void deliver(PostedRecord record) {
        record.data().ifPresent(data ->
                record.delivered(core.deliver(data, Source.CLIENT)));
    }

    /** Parses and delivers a record of any size; a large one waits for its turn. */
    PostedRecord deliver(RecordParser parser, LineReader.Line json) {
        boolean isLarge = json.length() > LARGE_BYTES;
        if (isLarge) {
            large.acquireUninterruptibly();
        }
        try {
            PostedRecord record = parse(parser, json);
            deliver(record);
            return record;
        } finally {
            if (isLarge) {
                parser.forgetTexts();
                large.release();
            }
        }
    }

    /**
     * Waits once until all records that the store holds are as safe as the node promises; the reply
     * to each is final afterwards. A duplicate gets the same promise as the first post.
     */
    void settle(List<PostedRecord> records) throws IOException {
        try {
            Optional<String> unsafe = core.settle(records.stream()
                    .flatMap(record -> record.held().stream()).toList());
            unsafe.ifPresent(why -> records.forEach(record -> record.unsafe(why)));
        } catch (InterruptedException e) {
            throw new IOException("ended while it waited for the disk or a peer", e);
        }
    }
}
