package bcast.http;

import bcast.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;

/** {@code GET /data?id=…}: one record. */
final class GetData implements Handler {

    private final Storage storage;

    GetData(Storage storage) {
        this.storage = storage;
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        String id = call.query("id").orElseThrow(() ->
                new HttpError(400, "malformed", "The query has no id"));
        call.takeForAnswer(ArrivedRecords.PART_BYTES + Call.WRITING_BYTES);
        long seq = storage.get(id).map(storage::seq).orElse(0L);
        ArrivedRecords record = new ArrivedRecords(storage, 0, seq - 1, seq);
        if (seq == 0 || !record.next()) {
            throw new HttpError(404, "not_found", "No data with this id");
        }
        call.setLongestMs(ListAllRecentData.longestMs(storage));
        OutputStream out = call.begin(200, Variant.JSON, record.length());
        if (!call.isHead()) {
            record.writeTo(out);
        }
        call.finish(out);
    }
}
