package bcast.http.posting;

import bcast.core.Outcome;
import bcast.data.Data;
import bcast.data.Text;
import bcast.http.server.HttpError;
import java.util.Optional;

/** A posted record, alone or a line of a batch, and its reply. Belongs to one thread at a time. */
final class PostedRecord {

    static final String OK = "ok";

    private final long line;
    private Optional<Data> data;
    private Optional<Text> id;
    private Optional<Data> held = Optional.empty();
    /** Status of the reply when the record is posted alone; 0 until it is delivered. */
    private int status;
    private String code;
    private String msg;

    private PostedRecord(long line, Optional<Data> data, Optional<Text> id) {
        this.line = line;
        this.data = data;
        this.id = id;
    }

    /** A record that is to be delivered. */
    static PostedRecord parsed(long line, Data data) {
        return new PostedRecord(line, Optional.of(data), Optional.empty());
    }

    /** A record that cannot be delivered, with its id if that is known. */
    static PostedRecord rejected(long line, Optional<Text> id, HttpError why) {
        PostedRecord rejected = new PostedRecord(line, Optional.empty(), id);
        rejected.reply(why.status(), why.code(), why.getMessage());
        return rejected;
    }

    long line() {
        return line;
    }

    Optional<Data> data() {
        return data;
    }

    Optional<Text> id() {
        return held.isPresent() ? held.map(Data::idText) : id;
    }

    /** The record as the store holds it, which takes no memory in addition to the store's. */
    Optional<Data> held() {
        return held;
    }

    private void reply(int newStatus, String newCode, String newMsg) {
        status = newStatus;
        code = newCode;
        msg = newMsg;
    }

    /** Notes the outcome of delivery. If the store does not hold the record, its id is kept. */
    void delivered(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            switch (refused.why()) {
                case CONFLICT -> reply(409, "conflict", refused.text());
                case INVALID, UNTRUSTED -> reply(422, "invalid", refused.text());
                default -> reply(503, "busy", refused.text());
            }
        } else if (outcome instanceof Outcome.Exists) {
            reply(200, "exists", "Data exists");
        } else {
            reply(200, OK, OK);
        }
        held = outcome.held();
        if (held.isEmpty() && data.isPresent()) {
            id = data.map(each -> each.idText().copy());
        }
        data = Optional.empty();
    }

    /** Notes that records which the store holds are not as safe as the node promises, and why. */
    void unsafe(String why) {
        if (held.isPresent()) {
            reply(503, "busy", "Accepted and on its way to all nodes, but not safe yet: " + why);
        }
    }

    int status() {
        if (status == 0) {
            throw new IllegalStateException("the record was not delivered");
        }
        return status;
    }

    /** The reason for programs. */
    String code() {
        return code;
    }

    /** The reason for people. */
    String msg() {
        return msg;
    }

    /** Whether the store holds the record by this post, rather than by one before. */
    boolean accepted() {
        return status() == 200 && code.equals(OK);
    }

    /** Whether the record is not held, neither by this post nor by one before. */
    boolean failed() {
        return status() != 200;
    }
}
