package bcast.http.reading;

import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import bcast.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** {@code GET /data?id=…}: one record. */
public final class GetData implements Handler {

    private final Storage storage;

    public GetData(Storage storage) {
        this.storage = storage;
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        String id = call.query("id").orElseThrow(() ->
                new HttpError(400, "malformed", "The query has no id"));
        call.takeForAnswer(ListAllRecentData.SENDING_BYTES);
        // Kept until it is sent, even if the store drops it meanwhile.
        Data data = storage.get(id).orElseThrow(() ->
                new HttpError(404, "not_found", "No record with this id"));
        call.setLongestMs(ListAllRecentData.longestMs(storage));
        OutputStream out = call.begin(200, Call.JSON, data.jsonLength());
        if (!call.isHead()) {
            JsonCursor record = JsonCursor.of(List.of(data));
            record.next();
            RecordWriter writer = new RecordWriter(out, data.jsonLength());
            writer.add(record);
            writer.flush();
        }
        call.finish(out);
    }
}
