package bcast.http.posting;

import bcast.core.Outcome;
import bcast.data.Data;
import bcast.data.Text;
import bcast.http.server.HttpError;
import java.util.Objects;
import java.util.Optional;

/** A posted record, alone or a line of a batch, and its reply. Belongs to one thread at a time. */
final class PostedRecord {

    private final long line;
    private Optional<Data> data;
    private Optional<Text> id;
    private Optional<Data> held = Optional.empty();
    /** Null until the record is delivered. */
    private Reply reply;

    private PostedRecord(long line, Optional<Data> data, Optional<Text> id, Reply reply) {
        this.line = line;
        this.data = data;
        this.id = id;
        this.reply = reply;
    }

    /** A record that is to be delivered. */
    static PostedRecord parsed(long line, Data data) {
        return new PostedRecord(line, Optional.of(data), Optional.empty(), null);
    }

    /** A record that cannot be delivered, with its id if that is known. */
    static PostedRecord rejected(long line, Optional<Text> id, HttpError why) {
        return new PostedRecord(line, Optional.empty(), id, Reply.of(why));
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

    /** Notes the outcome of delivery. If the store does not hold the record, its id is kept. */
    void delivered(Outcome outcome) {
        reply = Reply.of(outcome);
        held = outcome.held();
        if (held.isEmpty() && data.isPresent()) {
            id = data.map(each -> each.idText().copy());
        }
        data = Optional.empty();
    }

    /** Notes that records which the store holds are not as safe as the node promises, and why. */
    void unsafe(String why) {
        if (held.isPresent()) {
            reply = Reply.unsafe(why);
        }
    }

    Reply reply() {
        return Objects.requireNonNull(reply, "the record was not delivered");
    }
}
