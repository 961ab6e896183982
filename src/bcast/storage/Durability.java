package bcast.storage;

import bcast.base.StartException;
import bcast.data.Data;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a node promises of the records it accepted, beyond holding them. Safe for use by any thread.
 */
public interface Durability extends AutoCloseable {

    /** Longest time that {@link #close} may take, in milliseconds. */
    long CLOSE_MS = 2_000;

    /** Promises nothing. */
    Durability NONE = new Durability() {
        @Override
        public Optional<String> problem() {
            return Optional.empty();
        }

        @Override
        public Optional<String> await(long seq) {
            return Optional.empty();
        }
    };

    /**
     * Brings back what an earlier start kept. Called once, before {@link #start} and before
     * anything else is stored. Does nothing unless overridden.
     *
     * @param judge gives a record in its canonical form, or empty if it is not valid
     * @throws StartException if what was kept cannot be read
     */
    default void load(Function<Data, Optional<Data>> judge) throws StartException {}

    /** Begins to keep what is stored. Does nothing unless overridden. */
    default void start() {}

    /** {@return why the promise cannot be given now, in words; empty if it can} */
    Optional<String> problem();

    /** {@return what an operator should look at although the promise is given; empty if nothing} */
    default Optional<String> note() {
        return Optional.empty();
    }

    /**
     * Waits until the promise is kept for all records up to a place in the order of arrival.
     *
     * @param seq the place
     * @return why it is not kept, in words; empty if it is
     * @throws InterruptedException if interrupted
     */
    Optional<String> await(long seq) throws InterruptedException;

    /**
     * Keeps what is stored by now, if that takes no longer than {@link #CLOSE_MS}, and ends. What
     * was promised before is kept in any case. Does nothing unless overridden.
     */
    @Override
    default void close() {}
}
