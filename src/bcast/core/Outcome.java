package bcast.core;

import bcast.data.Data;
import bcast.eventbus.Refusal;
import java.util.Optional;

/** What became of a delivered record. */
public sealed interface Outcome {

    /**
     * It is valid and stored, and is being sent to all nodes.
     *
     * @param data the record as stored
     */
    record Accepted(Data data) implements Outcome {}

    /**
     * It was stored before. For a client that repeats a post because it got no answer, a success.
     *
     * @param data the record as stored
     */
    record Exists(Data data) implements Outcome {}

    /**
     * It is not stored.
     *
     * @param why the reason
     * @param text the reason in words, for the sender
     */
    record Refused(Refusal why, String text) implements Outcome {}

    /** {@return the record as stored, by this delivery or before; empty if it is refused} */
    default Optional<Data> held() {
        return this instanceof Accepted accepted ? Optional.of(accepted.data)
                : this instanceof Exists exists ? Optional.of(exists.data) : Optional.empty();
    }
}
