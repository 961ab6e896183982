package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.spread.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Rounds that peers began, and the records that these rounds give to this node. */
final class PeerRounds {

    /**
     * A round of a peer is over, and the records that it gave are judged.
     *
     * @param link number of its link
     * @param gained how many of the records were new here
     */
    record Ended(int link, long gained) {}

    private final Neighbours neighbours;
    private final Spread spread;
    private final Outbox out;
    /** New records that the rounds brought here. */
    private final Map<Integer, Long> gained = new TreeMap<>();
    /** Links whose peers wait until what they gave is judged. */
    private final Set<Integer> given = new TreeSet<>();
    /** Links whose rounds are over, but for the judgement of what they gave. */
    private final Set<Integer> done = new TreeSet<>();

    PeerRounds(Neighbours neighbours, Spread spread, Outbox out) {
        this.neighbours = neighbours;
        this.spread = spread;
        this.out = out;
    }

    void onGiven(int link) {
        given.add(link);
    }

    void onDone(int link) {
        done.add(link);
    }

    /** A record that a round gave was new here. */
    void gained(int link) {
        gained.merge(link, 1L, Long::sum);
    }

    /** Forgets a link. Returns whether a round on it had brought new records. */
    boolean gone(int link) {
        given.remove(link);
        done.remove(link);
        return gained.remove(link) != null;
    }

    /** Whether something waits for judgement. */
    boolean busy() {
        return !given.isEmpty() || !done.isEmpty();
    }

    private int judging(int link) {
        return neighbours.link(link).map(spread::judging).orElse(0);
    }

    /** Asks peers for more once most of what they gave is judged. Returns rounds that ended. */
    List<Ended> tick() {
        given.removeIf(link -> {
            boolean ready = judging(link) <= RoundInitiator.LOW_JUDGING;
            if (ready) {
                out.send(link, new RepairMessage.Taken());
            }
            return ready;
        });
        List<Ended> ended = new ArrayList<>();
        done.removeIf(link -> {
            boolean ready = judging(link) == 0;
            if (ready) {
                Long records = gained.remove(link);
                ended.add(new Ended(link, records == null ? 0 : records));
            }
            return ready;
        });
        return ended;
    }
}
