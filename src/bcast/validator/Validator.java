package bcast.validator;

import bcast.data.Data;
import java.util.Objects;

/**
 * Decides whether a record is genuine: whether its signature proves its raw text. All nodes of a
 * cluster must use the same rule. Called by many threads at once, for every record; must not block.
 *
 * <p>To use your own validator, put a public class with a public constructor without parameters on
 * the class path and start with {@code -validator=com.example.MyValidator}.
 */
public interface Validator {

    /** The result of checking a record. */
    sealed interface Verdict {

        /**
         * The record is genuine.
         *
         * @param canonical the same record, its signature in the one canonical form in which it is
         *     stored, hashed and sent on
         */
        record Valid(Data canonical) implements Verdict {

            /**
             * Checks that there is a record.
             *
             * @param canonical the record, never null
             */
            public Valid {
                Objects.requireNonNull(canonical, "a valid record has a canonical form");
            }
        }

        /**
         * The record is not genuine.
         *
         * @param why the reason, for the client that posted it
         */
        record Invalid(String why) implements Verdict {}

        /**
         * The record is not genuine by the keys of this node, but may be for nodes that trust
         * other keys: the sender is not at fault.
         *
         * @param why the reason, for the client that posted it
         */
        record Untrusted(String why) implements Verdict {}
    }

    /**
     * {@return the rule's name, the same on all nodes of a cluster; nodes whose names differ
     * refuse each other}
     */
    String name();

    /**
     * Prepares the validator and checks that it can work. Called once, on the thread that starts
     * the node, before any record is judged. Does nothing unless overridden.
     *
     * @throws IllegalStateException if it cannot; the node prints the message and exits
     */
    default void prepare() {}

    /**
     * Judges a record. If this throws anything, including errors, or returns null, the record is
     * refused for now, and its sender is not at fault.
     *
     * @param data the record; a client's has no timestamp yet, which no verdict may depend on
     * @return the verdict, the same for the same id, raw and signature on all nodes with equal keys
     */
    Verdict check(Data data);
}
