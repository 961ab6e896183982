package bcast.storage;

import java.util.Optional;

/**
 * What a node promises of the records it accepted, beyond holding them. Safe for use by any thread.
 */
public interface Durability {

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
}
