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

/** Rounds that peers began, and the records that rounds of either side bring to this node. */
final class PeerRounds {

    /** Records between two lines of the log about a long sync. */
    private static final int PROGRESS_EVERY = 100_000;

    private final Neighbours neighbours;
    private final Spread spread;
    private final Outbox out;
    /** New records that came on each link in rounds. */
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

    /** A record that came in a round was new here. */
    void gained(int link) {
        if (gained.merge(link, 1L, Long::sum) % PROGRESS_EVERY == 0) {
            out.info("sync: " + gained.get(link) + " records so far");
        }
    }

    /** How many such records there were since the last call. */
    long takeGained(int link) {
        Long records = gained.remove(link);
        return records == null ? 0 : records;
    }

    void gone(int link) {
        given.remove(link);
        done.remove(link);
    }

    /** Whether something waits for judgement. */
    boolean busy() {
        return !given.isEmpty() || !done.isEmpty();
    }

    private int judging(int link) {
        return neighbours.link(link).map(spread::judging).orElse(0);
    }

    /** Asks for more once most of what came is judged. Returns links whose rounds are over. */
    List<Integer> tick() {
        given.removeIf(link -> {
            boolean ready = judging(link) <= RoundInitiator.LOW_JUDGING;
            if (ready) {
                out.send(link, new RepairMessage.Taken());
            }
            return ready;
        });
        List<Integer> over = new ArrayList<>(done);
        over.removeIf(link -> judging(link) > 0);
        done.removeAll(over);
        return over;
    }
}
