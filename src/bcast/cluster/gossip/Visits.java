package bcast.cluster.gossip;

import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.overlay.Overlay;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Ends the visits of this node once their rounds are over. */
final class Visits {

    private final Overlay overlay;
    /** Links of rounds that are over, of visits and others. */
    private final Set<Integer> over = new LinkedHashSet<>();

    Visits(Overlay overlay) {
        this.overlay = overlay;
    }

    void roundOver(int link) {
        over.add(link);
    }

    void tick(Now now) {
        if (over.isEmpty()) {
            return;
        }
        for (int number : List.copyOf(over)) {
            overlay.neighbours().link(number)
                    .filter(link -> link.up() && !link.neighbour()
                            && link.dialled().isPresent())
                    .ifPresent(link -> overlay.endVisit(link, now));
        }
        over.clear();
    }
}
