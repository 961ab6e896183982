package bcast.http;

import bcast.core.Core;
import bcast.data.Data;
import bcast.data.JsonCursor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** {@code GET /data?id=…}: one record. */
final class GetData implements Handler {

    private final Core core;

    GetData(Core core) {
        this.core = core;
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        String id = call.query("id").orElseThrow(() ->
                new HttpError(400, "malformed", "The query has no id"));
        Data data = core.get(id).orElseThrow(() ->
                new HttpError(404, "not_found", "No data with this id"));
        call.takeForAnswer(Math.min(data.jsonLength(), Call.PIECE_BYTES) + Call.WRITING_BYTES);
        OutputStream out = call.begin(200, Variant.JSON, data.jsonLength());
        if (!call.isHead()) {
            Pieces pieces = new Pieces(out, data.jsonLength());
            JsonCursor record = JsonCursor.of(List.of(data));
            record.next();
            pieces.add(record);
            pieces.flush();
        }
        call.finish(out);
    }
}
