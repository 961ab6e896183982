package bcast.http;

import bcast.core.Core;
import bcast.core.Outcome;
import bcast.data.Data;
import bcast.eventbus.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code POST /postNewData}: one record as a JSON object. */
final class PostNewData implements Handler {

    /** Room in a body for id, signature, names, escapes and fields we do not know. */
    static final int ENVELOPE_BYTES = 64 * 1024;

    private static final byte[] OK = ascii("{\"result\":true,\"msg\":\"ok\"}");
    private static final byte[] EXISTS =
            ascii("{\"result\":false,\"msg\":\"Data exists\",\"code\":\"exists\"}");

    private final Core core;
    private final int maxRaw;

    PostNewData(Core core, int maxRaw) {
        this.core = core;
        this.maxRaw = maxRaw;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        Data data = parse(call.body(maxRaw + ENVELOPE_BYTES));
        Outcome outcome = core.deliver(data, Source.CLIENT);
        if (outcome instanceof Outcome.Accepted) {
            call.answerJson(200, OK);
        } else {
            answerRefused(call, (Outcome.Refused) outcome);
        }
    }

    private static void answerRefused(Call call, Outcome.Refused refused)
            throws IOException, HttpError {
        switch (refused.why()) {
            case EXISTS -> call.answerJson(200, EXISTS);
            case CONFLICT -> throw new HttpError(409, "conflict", refused.text());
            case INVALID -> throw new HttpError(422, "invalid", refused.text());
            default -> throw new HttpError(503, "busy", refused.text());
        }
    }

    /** The fields of a post as they arrive. */
    private static final class Fields {
        private byte[] id;
        private byte[] raw;
        private byte[] signature;

        void member(String name, JsonReader value) throws JsonException {
            switch (name) {
                case "id" -> id = value.stringValue(name);
                case "raw" -> raw = value.stringValue(name);
                case "signature" -> signature = value.stringValue(name);
                default -> value.skipValue();
            }
        }
    }

    private Data parse(byte[] body) throws HttpError {
        Fields fields = new Fields();
        try {
            new JsonReader(body).object(fields::member);
        } catch (JsonException e) {
            throw new HttpError(400, "malformed", "Malformed JSON: " + e.getMessage());
        }
        byte[] id = present("id", fields.id);
        byte[] raw = present("raw", fields.raw);
        byte[] signature = present("signature", fields.signature);
        if (raw.length > maxRaw) {
            throw new HttpError(413, "too_large", "raw is longer than " + maxRaw + " bytes");
        }
        try {
            // The time is set by the core; a client cannot choose it.
            return Data.of(id, raw, signature, 0);
        } catch (IllegalArgumentException e) {
            throw new HttpError(422, "invalid", "Invalid data: " + e.getMessage());
        }
    }

    private static byte[] present(String name, byte[] field) throws HttpError {
        if (field == null) {
            throw new HttpError(422, "invalid", "Invalid data: " + name + " is missing");
        }
        return field;
    }
}
