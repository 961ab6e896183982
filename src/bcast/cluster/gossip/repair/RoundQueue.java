package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Now;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The links with which this node is to begin rounds, one after another, now or later. */
final class RoundQueue {

    private final Set<Integer> waiting = new LinkedHashSet<>();
    private final Map<Integer, Long> later = new TreeMap<>();

    void add(int link) {
        waiting.add(link);
    }

    /** Adds a link at a time, by the steady clock. */
    void addAt(int link, long atMs) {
        later.put(link, atMs);
    }

    /** Puts off a link that is to be added later. */
    void putOff(int link, long untilMs) {
        later.replace(link, untilMs);
    }

    /** Does not add a link later. */
    void cancel(int link) {
        later.remove(link);
    }

    void remove(int link) {
        waiting.remove(link);
        later.remove(link);
    }

    /** Adds the links whose time has come. */
    void tick(Now now) {
        later.forEach((link, atMs) -> {
            if (now.steadyMs() >= atMs) {
                waiting.add(link);
            }
        });
        later.keySet().removeAll(waiting);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Takes the link that has waited longest. */
    int next() {
        int link = waiting.iterator().next();
        waiting.remove(link);
        return link;
    }

    void clear() {
        waiting.clear();
        later.clear();
    }

    /** Takes all links that wait. */
    List<Integer> takeAll() {
        List<Integer> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }
}
