package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of this house; each ban names what to use instead. */
final class HouseTest {

    private static final String GOSSIP = "bcast.cluster.gossip";
    private static final String NET = "bcast.cluster.net";

    /**
     * Which packages, or single classes, a package may import. An import only ever points down: the
     * protocol knows what a cluster has to report, and nothing else of the package above it.
     */
    private static final Map<String, Set<String>> MAY_IMPORT = Map.ofEntries(
            Map.entry("bcast.base", Set.of()),
            Map.entry("bcast.data", Set.of("bcast.base")),
            Map.entry("bcast.eventbus", Set.of("bcast.base", "bcast.data")),
            Map.entry("bcast.validator", Set.of("bcast.base", "bcast.data")),
            Map.entry("bcast.storage", Set.of("bcast.base", "bcast.data")),
            Map.entry("bcast.storage.journal", Set.of("bcast.base", "bcast.data",
                    "bcast.storage")),
            Map.entry("bcast.core", Set.of("bcast.base", "bcast.data", "bcast.eventbus",
                    "bcast.validator", "bcast.storage")),
            Map.entry(GOSSIP + ".link", Set.of("bcast.base", "bcast.data", "bcast.eventbus",
                    "bcast.storage")),
            Map.entry(GOSSIP + ".overlay", Set.of("bcast.base", "bcast.data", "bcast.storage",
                    GOSSIP + ".link")),
            Map.entry(GOSSIP + ".spread", Set.of("bcast.base", "bcast.data", "bcast.eventbus",
                    "bcast.storage", GOSSIP + ".link")),
            Map.entry(GOSSIP + ".repair", Set.of("bcast.base", "bcast.data", "bcast.storage",
                    GOSSIP + ".link", GOSSIP + ".spread")),
            Map.entry(GOSSIP, Set.of("bcast.base", "bcast.data", "bcast.eventbus",
                    "bcast.storage", "bcast.cluster.Members", GOSSIP + ".link",
                    GOSSIP + ".overlay", GOSSIP + ".spread", GOSSIP + ".repair")),
            Map.entry(NET + ".secret", Set.of("bcast.data", GOSSIP + ".link")),
            Map.entry(NET + ".discovery", Set.of("bcast.base", GOSSIP + ".link",
                    NET + ".secret")),
            Map.entry(NET, Set.of("bcast.base", "bcast.data", GOSSIP + ".link",
                    GOSSIP + ".overlay", GOSSIP + ".spread", GOSSIP + ".repair",
                    NET + ".secret", NET + ".discovery")),
            Map.entry("bcast.cluster", Set.of("bcast.base", "bcast.data", "bcast.eventbus",
                    "bcast.storage", GOSSIP, GOSSIP + ".link", NET, NET + ".secret",
                    NET + ".discovery")),
            Map.entry("bcast.http.server", Set.of("bcast.base", "bcast.data")),
            Map.entry("bcast.http.posting", Set.of("bcast.base", "bcast.data",
                    "bcast.eventbus", "bcast.core", "bcast.http.server")),
            Map.entry("bcast.http.reading", Set.of("bcast.base", "bcast.data",
                    "bcast.storage", "bcast.http.server")),
            Map.entry("bcast.http.operations", Set.of("bcast.base", "bcast.data",
                    "bcast.eventbus", "bcast.storage", "bcast.storage.journal", "bcast.core",
                    "bcast.cluster", "bcast.http.server", "bcast.http.reading")),
            Map.entry("bcast.http", Set.of("bcast.base", "bcast.storage", "bcast.core",
                    "bcast.cluster", "bcast.http.server", "bcast.http.posting",
                    "bcast.http.reading", "bcast.http.operations")));

    /** What the codecs of the protocol may use as well. */
    private static final Set<String> CODEC =
            Set.of("java.nio.ByteBuffer", "java.nio.charset.StandardCharsets");

    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?([\\w.]+);");
    private static final int MAX_COLUMNS = 100;

    /** What a reader copies obeys the rules of the program, and is short. */
    private static final Path EXAMPLES = Path.of("test/examples");

    /** Lines of each example, Main left out. */
    private static final Map<String, Integer> FEWER_LINES_THAN = Map.of("storage", 50,
            "eventbus", 40, "validator", 15, "cluster", 100, "frontend", 60);

    /** What is no line of code: blank lines, comments, the package and imports. */
    private static final Pattern NO_CODE = Pattern.compile(
            "\\s*(//.*|/?\\*.*|(package|import) .*)?");

    private record Ban(String pattern, String instead, String except) {}

    private static final List<Ban> BANS = List.of(
            new Ban("getBytes\\(\\)", "getBytes(charset)", ""),
            new Ban("printStackTrace", "Log", ""),
            new Ban("System\\.(out|err)", "Log; Launcher alone prints", "Launcher.java"),
            new Ban("System\\.(currentTimeMillis|nanoTime)", "bcast.base.Clock", "Clock.java"),
            new Ban("new Random\\(|Math\\.random|ThreadLocalRandom|new SecureRandom",
                    "Context.random", "Launcher.java"),
            new Ban("String\\.CASE_INSENSITIVE|toLowerCase\\(\\)|toUpperCase\\(\\)",
                    "toLowerCase(Locale.ROOT)", ""),
            new Ban("\\bassert false\\b", "throw an exception that says what happened", ""),
            new Ban("\\t", "spaces", ""),
            new Ban(" +\\n", "no space at the end of a line", ""));

    private static final List<Ban> BANS_IN_TESTS = List.of(
            new Ban("Thread\\.sleep|TimeUnit\\.\\w+\\.sleep", "Await.until", "HouseTest.java"),
            new Ban("@Disabled(?!OnOs)", "a test that runs or none", "HouseTest.java"));

    private static List<Path> files(String folder) throws IOException {
        try (Stream<Path> all = Files.walk(Path.of(folder))) {
            return all.filter(path -> path.toString().endsWith(".java")).sorted().toList();
        }
    }

    /** A package and the outermost class in it, whatever an import names of that class. */
    private static final Pattern CLASS = Pattern.compile("([a-z.]+)\\.[A-Z]\\w*");

    @Test
    void importsPointDown() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : files("src")) {
            String own = Path.of("src").relativize(file.getParent()).toString().replace('/', '.')
                    .replace('\\', '.');
            if (own.isEmpty() || own.equals("bcast")) {
                continue;
            }
            assertTrue(MAY_IMPORT.containsKey(own), "no floor for " + own);
            Matcher imports = IMPORT.matcher(Files.readString(file));
            while (imports.find()) {
                Matcher imported = CLASS.matcher(imports.group(1));
                Set<String> may = MAY_IMPORT.get(own);
                if (imported.lookingAt() && imported.group().startsWith("bcast.")
                        && !imported.group(1).equals(own) && !may.contains(imported.group(1))
                        && !may.contains(imported.group())) {
                    wrong.add(file + " imports " + imported.group());
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void theMachineIsPure() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : files("src/bcast/cluster/gossip")) {
            Matcher imports = IMPORT.matcher(Files.readString(file));
            while (imports.find()) {
                String name = imports.group(1);
                boolean pure = name.startsWith("bcast.") || name.startsWith("java.util.")
                        && !name.startsWith("java.util.concurrent") || CODEC.contains(name);
                if (!pure) {
                    wrong.add(file + " imports " + name);
                }
            }
        }
        assertEquals(List.of(), wrong, "no sockets, clocks or threads in the protocol");
    }

    @Test
    void nothingBannedIsUsed() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<Ban> bans = new ArrayList<>(BANS);
        for (Path file : files("src")) {
            check(file, bans, wrong);
        }
        for (Path file : files("test")) {
            check(file, file.startsWith(EXAMPLES) ? bans : BANS_IN_TESTS, wrong);
        }
        assertEquals(List.of(), wrong);
    }

    private static void check(Path file, List<Ban> bans, List<String> wrong) throws IOException {
        String text = Files.readString(file);
        for (Ban ban : bans) {
            boolean excepted = file.getFileName().toString().equals(ban.except);
            if (!excepted && Pattern.compile(ban.pattern).matcher(text).find()) {
                wrong.add(file + " uses " + ban.pattern + "; use " + ban.instead);
            }
        }
        int number = 0;
        for (String line : text.split("\n")) {
            number++;
            if (line.length() > MAX_COLUMNS) {
                wrong.add(file + ":" + number + " has " + line.length() + " columns");
            }
        }
    }

    @Test
    void theExamplesAreShortAndInTheReadme() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        for (Map.Entry<String, Integer> example : FEWER_LINES_THAN.entrySet()) {
            long lines = 0;
            for (Path file : files(EXAMPLES.resolve(example.getKey()).toString())) {
                lines += file.endsWith("Main.java") ? 0 : Files.readAllLines(file).stream()
                        .filter(line -> !NO_CODE.matcher(line).matches()).count();
            }
            assertTrue(lines > 0 && lines < example.getValue(), example + ": " + lines);
            assertTrue(readme.contains("[" + lines + " lines](" + EXAMPLES + "/"
                    + example.getKey()), "the README counts other lines than " + lines);
        }
        String shortest = Files.readString(EXAMPLES.resolve("validator/CrcValidator.java"));
        assertTrue(readme.contains(shortest.replaceAll("(?m)^(?=.)", "    ")),
                "the README shows the example as it was");
    }

    @Test
    void everyImportIsUsed() throws IOException {
        List<String> unused = new ArrayList<>();
        for (String folder : List.of("src", "test")) {
            for (Path file : files(folder)) {
                String text = Files.readString(file);
                String code = text.replaceAll("(?m)^import .*$", "");
                Pattern.compile("(?m)^import .*?(\\w+);$").matcher(text).results()
                        .map(each -> each.group(1))
                        .filter(name -> !Pattern.compile("\\b" + name + "\\b").matcher(code).find())
                        .forEach(name -> unused.add(file + " imports " + name));
            }
        }
        assertEquals(List.of(), unused);
    }

    @Test
    void theMakefileNamesTheVersion() throws IOException {
        assertTrue(Files.readString(Path.of("Makefile"))
                .contains("VERSION := " + Node.VERSION + "\n"));
    }

    @Test
    void theLongestStopIsDocumented() throws IOException {
        assertEquals(15_000, Node.CLOSE_MS);
        assertTrue(Files.readString(Path.of("README.md")).contains("15 s after SIGTERM"));
        assertTrue(Files.readString(Path.of("src/bcast/package-info.java"))
                .contains("at most 15 s in"));
    }

    @Test
    void theTopLevelIsTidy() throws IOException {
        Set<String> allowed = Set.of("Makefile", "src", "test", "build", "README.md", "LICENSE");
        try (Stream<Path> top = Files.list(Path.of("."))) {
            assertEquals(Set.of(), top.map(path -> path.getFileName().toString())
                    .filter(name -> !name.startsWith(".") && !allowed.contains(name))
                    .collect(Collectors.toSet()));
        }
    }
}
