package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import java.util.LinkedHashMap;
import java.util.Map;

/** Nodes whose links are refused for some time, because they were at fault too often. */
final class ShutOuts {

    /** How long a node is shut out. */
    static final long SHUT_OUT_MS = 60_000;

    /** Most nodes remembered; the one that was shut out first is forgotten first. */
    static final int MAX_SHUT_OUT = 1_024;

    private final Map<NodeId, Long> untilMs = new LinkedHashMap<>();

    void add(NodeId node, Now now) {
        untilMs.put(node, now.steadyMs() + SHUT_OUT_MS);
        if (untilMs.size() > MAX_SHUT_OUT) {
            untilMs.remove(untilMs.keySet().iterator().next());
        }
    }

    boolean contains(NodeId node, Now now) {
        Long until = untilMs.get(node);
        return until != null && now.steadyMs() < until;
    }
}
