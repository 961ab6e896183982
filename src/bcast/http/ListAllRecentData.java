package bcast.http;

import bcast.core.Core;
import bcast.data.Data;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code /listAllRecentData}: all records of the retention, ordered by time and id. */
final class ListAllRecentData implements Handler {

    private static final byte[] HEAD = "{\"data_list\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COMMA = {','};
    private static final byte[] TAIL = "]}".getBytes(StandardCharsets.US_ASCII);

    private final Core core;

    ListAllRecentData(Core core) {
        this.core = core;
    }

    @Override
    public void handle(Call call) throws IOException {
        List<Data> list = core.listAllRecentData();
        long length = HEAD.length + TAIL.length + Math.max(0, list.size() - 1);
        for (Data data : list) {
            length += data.jsonLength();
        }
        OutputStream out = call.begin(200, length);
        if (!call.isHead()) {
            Pieces pieces = new Pieces(call, out);
            pieces.add(HEAD);
            for (int i = 0; i < list.size(); i++) {
                if (i > 0) {
                    pieces.add(COMMA);
                }
                pieces.add(list.get(i));
            }
            pieces.add(TAIL);
            pieces.flush();
        }
        call.finish(out);
    }
}
