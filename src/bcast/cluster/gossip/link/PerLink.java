package bcast.cluster.gossip.link;

import java.util.function.Supplier;

/** What one protocol notes about each link. It is forgotten together with the link. */
public final class PerLink<T> {

    private final Supplier<T> first;

    /** The supplier makes what is noted about a link at first. */
    public PerLink(Supplier<T> first) {
        this.first = first;
    }

    /** What is noted about a link, to be changed in place. */
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
