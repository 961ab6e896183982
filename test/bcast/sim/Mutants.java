package bcast.sim;

import bcast.testing.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * Plants one bug after another in a copy of the sources and counts how many seeds the simulator
 * needs to find it. Fails if one is not found, or if the line to change is not there any more.
 */
final class Mutants {

    private static final int MAX_SEEDS = 1_000;
    private static final Path SOURCES = Path.of("src");
    private static final Pattern FAILED = Pattern.compile("make sim SEED=(\\d+)  # (.*)");

    /** A bug: what is to be replaced in a file, and by what. */
    private record Mutant(String name, String file, String from, String to) {}

    private static final String GOSSIP = "bcast/cluster/gossip/";

    private static final List<Mutant> MUTANTS = List.of(
            new Mutant("drop every graft", GOSSIP + "spread/Grafts.java",
                    "void onGraft(Link link, SpreadMessage.Graft graft) {",
                    "void onGraft(Link link, SpreadMessage.Graft graft) {\nif (true) { return; }"),
            new Mutant("forget one bucket", "bcast/storage/SketchedView.java",
                    "store.buckets.from(from).forEach(bucket -> addTo(sum, bucket, from, toMs));",
                    "List<Bucket> all = new ArrayList<>(store.buckets.from(from));\n"
                    + "if (!all.isEmpty()) { all.remove(all.size() - 1); }\n"
                    + "all.forEach(bucket -> addTo(sum, bucket, from, toMs));"),
            new Mutant("merge by arrival", "bcast/storage/MapStorage.java",
                    "fromPeer && Data.MERGE.compare(data, held) < 0", "false"),
            new Mutant("skip the window's bound", GOSSIP + "repair/Comparison.java",
                    "fromMs = Math.max(0, now.wallMs() - context.settings().retentionMs() "
                    + "+ NEARLY_EXPIRED_MS + peerAheadMs(now));",
                    "fromMs = 0;"),
            new Mutant("count a loser as a fault", GOSSIP + "spread/Judging.java",
                    "link.ifPresent(sender -> answerWithWinner(sender, event.data()));",
                    "link.ifPresent(sender -> neighbours.fault(sender, "
                    + "Fault.INVALID, now));"),
            new Mutant("lose the overflow mark", GOSSIP + "Gossip.java",
                    "neighbours.link(overflowed.link()).ifPresent(link -> "
                    + "repair.overflowed(link, overflowed.first()));", ""),
            new Mutant("make all links eager", GOSSIP + "spread/Tree.java",
                    "boolean eager(Link link) {",
                    "boolean eager(Link link) {\nif (true) { return true; }"),
            new Mutant("never dial outside the view", GOSSIP + "overlay/Membership.java",
                    "private void visit(long ms) {",
                    "private void visit(long ms) {\nif (true) { return; }"),
            new Mutant("never join two trees", GOSSIP + "spread/Tree.java",
                    "return !storeFull.getAsBoolean() && (alone", "return false && (alone"),
            new Mutant("let two trees hang on one link", GOSSIP + "spread/Tree.java",
                    "joiningUntilMs = ms + JOINING_MS;", ""),
            new Mutant("forget the children", GOSSIP + "spread/Tree.java",
                    "link == parent || link.heartbeat().parent()", "link == parent"),
            // What seeds found once; seeds change their meaning as the simulator grows.
            new Mutant("leave out the last moments by a clock", GOSSIP + "repair/Comparison.java",
                    "ask.accept(new RepairMessage.Compare(",
                    "long NO_END = now.wallMs() - 2_000;\nask.accept(new RepairMessage.Compare("),
            new Mutant("remember what a wrong clock refused", GOSSIP + "spread/Judging.java",
                    "} else if (event.why() == Refusal.INVALID) {",
                    "} else if (event.why() == Refusal.EXPIRED\n"
                    + "|| event.why() == Refusal.FUTURE) {\n"
                    + "refusals.add(store.hash(event.data()), now.steadyMs() + REFUSED_MS);\n"
                    + "} else if (event.why() == Refusal.INVALID) {"));

    private Mutants() {}

    public static void main(String[] args) throws Exception {
        mustBePlantable();
        Report report = new Report("mutants");
        boolean all = true;
        for (Mutant mutant : MUTANTS) {
            if (args.length == 0 || mutant.name.contains(args[0])) {
                all &= find(mutant, report);
            }
        }
        report.write();
        System.exit(all ? 0 : 1);
    }

    private static boolean find(Mutant mutant, Report report) throws Exception {
        Path classes = compile(mutant);
        Process process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-ea", "-cp",
                classes + System.getProperty("path.separator") + "build/test-classes",
                "bcast.sim.SimMain", "find", "1", "" + MAX_SEEDS)
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8);
        process.waitFor();
        Matcher failed = FAILED.matcher(output);
        boolean found = failed.find();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("bug", mutant.name);
        row.put("found by seed", found ? Integer.parseInt(failed.group(1)) : -1);
        row.put("because", found ? failed.group(2).replace('"', '\'') : output);
        report.add(row);
        return found;
    }

    private static Path compile(Mutant mutant) throws IOException {
        Path home = Path.of("build", "mutants", mutant.name.replaceAll("\\W", "-"));
        Path classes = home.resolve("classes");
        Files.createDirectories(classes);
        List<String> arguments = new ArrayList<>(List.of("-nowarn", "-d", classes.toString()));
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Path copy = home.resolve("src").resolve(SOURCES.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                String text = Files.readString(file);
                if (SOURCES.relativize(file).equals(Path.of(mutant.file))) {
                    text = planted(mutant, text);
                }
                Files.writeString(copy, text);
                arguments.add(copy.toString());
            }
        }
        if (ToolProvider.getSystemJavaCompiler().run(null, null, null,
                arguments.toArray(String[]::new)) != 0) {
            throw new IllegalStateException(mutant.name + " does not compile");
        }
        return classes;
    }

    /** Fails if the source of a bug is no longer as it was. */
    static void mustBePlantable() throws IOException {
        for (Mutant mutant : MUTANTS) {
            planted(mutant, Files.readString(SOURCES.resolve(mutant.file)));
        }
    }

    /** Lines may break anywhere: what is to be replaced is found whatever the white space. */
    private static String planted(Mutant mutant, String text) {
        String pattern = Stream.of(mutant.from.trim().split("\\s+")).map(Pattern::quote)
                .reduce((a, b) -> a + "\\s+" + b).orElseThrow();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException(mutant.file + " has no \"" + mutant.from + "\"");
        }
        return text.substring(0, matcher.start()) + mutant.to + text.substring(matcher.end());
    }
}
