package bcast.fuzz;

import bcast.testing.Report;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Bytes that nobody should send, in great numbers: at the codec and the state machine, at the
 * cluster port of a real node, and at its HTTP port. Arguments are {@code part=} (machine, port or
 * http), {@code count=}, {@code seed=} and {@code case=}; without a seed there is a new one.
 */
final class Fuzz {

    private static final int FRAMES = 1_000_000;
    private static final int PORT_FRAMES = 100_000;
    private static final int REQUESTS = 100_000;

    private Fuzz() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> given = new HashMap<>();
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            given.put(parts[0], parts[1]);
        }
        long seed = given.containsKey("seed") ? Long.parseLong(given.get("seed"))
                : new Random().nextInt(Integer.MAX_VALUE);
        System.out.println("seed " + seed);
        String part = given.getOrDefault("part", "");
        Cases cases = new Cases(seed, given.containsKey("case")
                ? OptionalLong.of(Long.parseLong(given.get("case"))) : OptionalLong.empty());
        Report report = new Report("fuzz");
        if (part.isEmpty() || part.equals("machine")) {
            report.add(new MachineFuzz(seed, count(given, FRAMES)).run());
        }
        if (part.isEmpty() || part.equals("port")) {
            report.add(new PortFuzz(cases, count(given, PORT_FRAMES)).run());
        }
        if (part.isEmpty() || part.equals("http")) {
            report.add(new HttpFuzz(cases, count(given, REQUESTS)).run());
        }
        report.write();
    }

    private static int count(Map<String, String> given, int standard) {
        return given.containsKey("count") ? Integer.parseInt(given.get("count")) : standard;
    }
}
