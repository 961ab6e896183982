package bcast.core;

import bcast.data.Data;
import bcast.eventbus.Refusal;

/** What became of a delivered record. */
public sealed interface Outcome {

    /**
     * It is valid and stored, and on its way to all nodes.
     *
     * @param data the record as stored
     */
    record Accepted(Data data) implements Outcome {}

    /**
     * It is not stored.
     *
     * @param why the reason
     * @param text the reason in words, for the one who sent it
     */
    record Refused(Refusal why, String text) implements Outcome {}
}
