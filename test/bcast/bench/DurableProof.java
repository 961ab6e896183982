package bcast.bench;

import bcast.bench.durable.AckByPeer;
import bcast.bench.durable.AllStop;
import bcast.bench.durable.Damage;
import bcast.bench.durable.FullDisk;
import bcast.bench.durable.HandOver;
import bcast.bench.durable.KillAndRestart;
import bcast.bench.durable.LongStart;
import bcast.bench.durable.PowerCut;
import bcast.bench.durable.Proof;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * That nothing acknowledged is lost: real processes that are killed, real disks that are full or
 * damaged. Fails if anything is lost.
 */
final class DurableProof {

    private static final int FEWER_KILLS = 30;
    private static final int FEWER_POSTS = 100;
    /** The 30th sync fails, and each 500th after it. */
    private static final String FAULTS = "30+500";

    private DurableProof() {}

    public static void main(String[] args) throws Exception {
        int kills = Integer.parseInt(args[0]);
        int records = Integer.parseInt(args[1]);
        int posts = Integer.parseInt(args[2]);
        long seed = Long.parseLong(args[3]);
        Map<String, Proof.Part> parts = new LinkedHashMap<>();
        parts.put("kills", new KillAndRestart("always", kills));
        parts.put("kills-interval", new KillAndRestart("interval", Math.min(FEWER_KILLS, kills)));
        parts.put("power", new PowerCut("always", ""));
        parts.put("power-faults", new PowerCut("always", FAULTS));
        parts.put("power-interval", new PowerCut("interval", ""));
        parts.put("all-term", new AllStop("TERM"));
        parts.put("all-kill", new AllStop("KILL"));
        parts.put("full", new FullDisk("always"));
        parts.put("full-interval", new FullDisk("interval"));
        parts.put("start", new LongStart(records));
        parts.put("damage", new Damage());
        parts.put("term", new HandOver());
        parts.put("ack-local", new AckByPeer("local", Math.min(FEWER_POSTS, posts)));
        parts.put("ack", new AckByPeer("peer", posts));
        List<String> wanted = args.length > 4 ? Arrays.asList(args).subList(4, args.length)
                : List.copyOf(parts.keySet());
        if (!parts.keySet().containsAll(wanted)) {
            System.out.println("the parts are " + String.join(" ", parts.keySet()));
            System.exit(2);
        }
        System.out.println("seed " + seed);
        Proof proof = new Proof(seed);
        for (String name : wanted) {
            proof.part(name, parts.get(name));
        }
        System.exit(proof.end());
    }
}
