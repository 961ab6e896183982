package bcast.storage;

import bcast.base.StartException;
import bcast.data.Data;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a node guarantees for the records it accepted, in addition to holding them in memory. Safe
 * for use by any thread.
 */
public interface Durability extends AutoCloseable {

    /** Longest time that {@link #close} may take, in milliseconds. */
    long CLOSE_MS = 2_000;

    /** Guarantees nothing. */
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
     * Loads the records that an earlier run kept. Called once, before {@link #start} and before
     * any other record is stored. Does nothing unless overridden.
     *
     * @param judge returns a record in its canonical form, or empty if it is not valid
     * @throws StartException if the records cannot be read
     */
    default void load(Function<Data, Optional<Data>> judge) throws StartException {}

    /** Starts to keep the records that are stored. Does nothing unless overridden. */
    default void start() {}

    /** {@return why the guarantee cannot be given now, in words; empty if it can} */
    Optional<String> problem();

    /** {@return what an operator should check although the guarantee is given; empty if nothing} */
    default Optional<String> note() {
        return Optional.empty();
    }

    /**
     * Waits until the guarantee holds for all records up to a sequence number.
     *
     * @param seq the sequence number
     * @return why it does not hold, in words; empty if it does
     * @throws InterruptedException if interrupted
     */
    Optional<String> await(long seq) throws InterruptedException;

    /**
     * Keeps the records stored by now, if that takes at most {@link #CLOSE_MS}, and ends. What was
     * guaranteed before is kept in any case. Does nothing unless overridden.
     */
    @Override
    default void close() {}
}
