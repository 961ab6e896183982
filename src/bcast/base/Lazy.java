package bcast.base;

import java.util.function.Supplier;

/**
 * What is made when it is first asked for, once. Safe for use by any thread.
 *
 * @param <T> what is made
 */
public final class Lazy<T> implements Supplier<T> {

    private final Supplier<T> maker;
    private volatile T made;

    /**
     * Nothing made yet.
     *
     * @param maker makes it, never null; called by whoever asks first, and never again
     *     unless it fails
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
