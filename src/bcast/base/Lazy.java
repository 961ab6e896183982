package bcast.base;

import java.util.function.Supplier;

/**
 * A value that is made once, at the first {@link #get}. Safe for use by any thread.
 *
 * @param <T> type of the value
 */
public final class Lazy<T> implements Supplier<T> {

    private final Supplier<T> maker;
    private volatile T made;

    /**
     * A value not yet made.
     *
     * @param maker makes the value, never null; called on the first thread that needs it, and again
     *     only if it failed
     */
    public Lazy(Supplier<T> maker) {
        this.maker = maker;
    }

    @Override
    public T get() {
        T known = made;
        return known != null ? known : make();
    }

    private synchronized T make() {
        if (made == null) {
            made = maker.get();
        }
        return made;
    }
}
