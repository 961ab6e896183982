package bcast.http.posting;

import bcast.core.Outcome;
import bcast.data.Data;
import bcast.data.Text;
import java.util.Objects;
import java.util.Optional;

/** A line of a batch and what its client is told. Belongs to one thread at a time. */
final class BatchLine {

    private final long number;
    private Optional<Data> data;
    private Optional<Text> id;
    private Optional<Data> held = Optional.empty();
    /** Null until the record is delivered. */
    private Reply reply;

    private BatchLine(long number, Optional<Data> data, Optional<Text> id, Reply reply) {
        this.number = number;
        this.data = data;
        this.id = id;
        this.reply = reply;
    }

    /** A line that holds a record, to be delivered. */
    static BatchLine of(long number, Data data) {
        return new BatchLine(number, Optional.of(data), Optional.empty(), null);
    }

    /** A line that is answered as it is, with its id as far as it is known. */
    static BatchLine answered(long number, Optional<Text> id, Reply reply) {
        return new BatchLine(number, Optional.empty(), id, reply);
    }

    /** A line whose record is delivered. */
    static BatchLine delivered(long number, Optional<Text> id, Outcome outcome) {
        BatchLine line = new BatchLine(number, Optional.empty(), id, null);
        line.answer(outcome);
        return line;
    }

    /** Number of the line, from 1 on. */
    long number() {
        return number;
    }

    /** The record that is to be delivered. */
    Optional<Data> data() {
        return data;
    }

    Optional<Text> id() {
        return held.isPresent() ? held.map(Data::idText) : id;
    }

    /** The record as the store holds it, where it takes no memory of this line's. */
    Optional<Data> held() {
        return held;
    }

    /** What became of the record, of which only the id is kept if the store does not hold it. */
    void answer(Outcome outcome) {
        reply = Reply.of(outcome);
        held = outcome.held();
        if (held.isEmpty() && data.isPresent()) {
            id = data.map(each -> each.idText().copy());
        }
        data = Optional.empty();
    }

    Reply reply() {
        return Objects.requireNonNull(reply, "the line was not delivered");
    }
}
