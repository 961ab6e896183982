package bcast.http;

import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

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
        call.takeForAnswer(ListAllRecentData.SENDING_BYTES);
        // Held until it is sent, whatever becomes of it in the store meanwhile.
        Data data = storage.get(id).orElseThrow(() ->
                new HttpError(404, "not_found", "No data with this id"));
        call.setLongestMs(ListAllRecentData.longestMs(storage));
        OutputStream out = call.begin(200, Variant.JSON, data.jsonLength());
        if (!call.isHead()) {
            JsonCursor record = JsonCursor.of(List.of(data));
            record.next();
            Pieces pieces = new Pieces(out, data.jsonLength());
            pieces.add(record);
            pieces.flush();
        }
        call.finish(out);
    }
}
