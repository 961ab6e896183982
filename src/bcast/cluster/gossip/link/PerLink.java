package bcast.cluster.gossip.link;

import java.util.function.Supplier;

/**
 * What one protocol notes about each link. It is forgotten together with the link.
 *
 * @param <T> the type of what is noted
 */
public final class PerLink<T> {

    private final Supplier<T> first;

    /**
     * Nothing is noted about any link.
     *
     * @param first makes what is noted about a link at first
     */
    public PerLink(Supplier<T> first) {
        this.first = first;
    }

    /**
     * Finds what is noted about a link.
     *
     * @param link the link
     * @return what is noted, to be changed in place
     */
    @SuppressWarnings("unchecked")
    public T of(Link link) {
        Object state = link.states.get(this);
        if (state == null) {
            state = first.get();
            link.states.put(this, state);
        }
        return (T) state;
    }
}
