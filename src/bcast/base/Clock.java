package bcast.base;

/**
 * The two clocks a node reads. All code asks this interface, so that tests and simulations can
 * set the time. Safe for use by any thread.
 */
public interface Clock {

    /** {@return the wall clock: milliseconds since 1970-01-01 UTC; may jump either way} */
    long wallMs();

    /** {@return the steady clock: nanoseconds from an arbitrary start; never goes back} */
    long steadyNs();

    /** {@return the steady clock in whole milliseconds} */
    default long steadyMs() {
        return steadyNs() / 1_000_000;
    }

    /** {@return the clocks of this machine} */
    static Clock system() {
        // The system's clock may start anywhere; this one starts at 0.
        long startNs = System.nanoTime();
        return new Clock() {
            @Override
            public long wallMs() {
                return System.currentTimeMillis();
            }

            @Override
            public long steadyNs() {
                return System.nanoTime() - startNs;
            }
        };
    }
}
