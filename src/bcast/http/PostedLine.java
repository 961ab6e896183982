package bcast.http;

import bcast.data.Data;

import bcast.data.Text;
import java.util.Objects;
import java.util.Optional;

/** A line of a batch and what its client is told. Belongs to one thread at a time. */
final class PostedLine {

    /** Of a larger record only the id is kept once it is delivered. */
    private static final int SMALL_BYTES = 512;

    private final long number;
    private Optional<Data> data;
    private Optional<Text> id;
    /** Null until the record is delivered. */
    private Reply reply;

    private PostedLine(long number, Optional<Data> data, Optional<Text> id, Reply reply) {
        this.number = number;
        this.data = data;
        this.id = id;
        this.reply = reply;
    }

    /** A line that holds a record, to be delivered. */
    static PostedLine of(long number, Data data) {
        return new PostedLine(number, Optional.of(data), Optional.empty(), null);
    }

    /** A line that is answered as it is, with its id as far as it is known. */
    static PostedLine answered(long number, Optional<Text> id, Reply reply) {
        return new PostedLine(number, Optional.empty(), id, reply);
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
        return data.isPresent() ? data.map(Data::idText) : id;
    }

    /** What became of the record. */
    void answer(Reply told) {
        reply = told;
        if (data.isPresent() && data.get().bodyLength() > SMALL_BYTES) {
            id = Optional.of(data.get().idText().copy());
            data = Optional.empty();
        }
    }

    Reply reply() {
        return Objects.requireNonNull(reply, "the line was not delivered");
    }
}
