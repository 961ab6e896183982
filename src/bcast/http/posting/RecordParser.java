package bcast.http.posting;

import bcast.data.Data;
import bcast.data.Text;
import bcast.http.server.HttpError;
import java.util.Optional;

/** Parses posted records: JSON objects. Not for use by several threads. */
final class RecordParser implements JsonReader.Members {

    private final int maxRaw;
    private Text id;
    private Text raw;
    private Text signature;

    RecordParser(int maxRaw) {
        this.maxRaw = maxRaw;
    }

    /** Reads one object into a record with bytes of its own. */
    Data read(LineReader.Line json) throws HttpError {
        id = null;
        forgetTexts();
        new JsonReader(json.bytes(), json.from(), json.to()).object(this);
        require("id", id);
        require("raw", raw);
        require("signature", signature);
        if (raw.length() > maxRaw) {
            throw new HttpError(413, "too_large", "raw is longer than " + maxRaw + " bytes");
        }
        try {
            // The time is set by the core; a client cannot choose it.
            return Data.of(id, raw, signature, 0);
        } catch (IllegalArgumentException e) {
            throw new HttpError(422, "invalid", "Invalid data: " + e.getMessage());
        }
    }

    /** Releases the memory of all but the id. */
    void forgetTexts() {
        raw = null;
        signature = null;
    }

    /** The id that was read last, if there was one of a valid length; with bytes of its own. */
    Optional<Text> id() {
        return id == null || id.length() > Data.MAX_ID_BYTES ? Optional.empty()
                : Optional.of(id.copy());
    }

    @Override
    public void member(String name, JsonReader value) throws HttpError {
        switch (name) {
            case "id" -> id = value.text(name);
            case "raw" -> raw = value.text(name);
            case "signature" -> signature = value.text(name);
            default -> value.skipValue();
        }
    }

    private static void require(String name, Text field) throws HttpError {
        if (field == null) {
            throw new HttpError(422, "invalid", "Invalid data: " + name + " is missing");
        }
    }
}
