package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README, the pages on its topics and {@code -help}, which name the same things. */
final class HelpTest {

    private static final Path README = Path.of("README.md");
    private static final Path PAGES = Path.of("src/bcast/help");
    private static final Pattern FLAG = Pattern.compile("`-([a-z]+)[`=]");
    private static final Pattern LINK = Pattern.compile("\\]\\((?!http)([^)]+)\\)");

    private static Set<Path> pages() throws IOException {
        try (Stream<Path> all = Files.list(PAGES)) {
            return all.collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<Path> texts() throws IOException {
        Set<Path> texts = pages();
        texts.addAll(Set.of(README, Path.of(".github/proof.md"), Path.of(".github/speed.md")));
        return texts;
    }

    private static String help(String... args) throws UsageException {
        Flags flags = Flags.parse(args, Map.of());
        assertTrue(flags.requests(Flags.HELP), Arrays.toString(args));
        return Help.text(flags.topic());
    }

    @Test
    void everyTopicHasAPageAndEveryPageIsATopic() throws Exception {
        assertEquals(Help.TOPICS.keySet(), pages().stream()
                .map(page -> page.getFileName().toString().replace(".md", ""))
                .collect(Collectors.toSet()));
        for (String topic : Help.TOPICS.keySet()) {
            assertEquals(Files.readString(PAGES.resolve(topic + ".md")), help("-help", topic));
        }
    }

    @Test
    void helpListsTheTopicsAndTheReadmeLinksThem() throws Exception {
        String readme = Files.readString(README);
        Help.TOPICS.forEach((topic, explains) -> assertTrue(
                readme.contains("[`" + topic + "`](" + PAGES + "/" + topic + ".md)"), topic));
        for (String flags : new String[] {help("-help"), help("-h"), help("--help"),
            help("-help", "-httpport=0")}) {
            Help.TOPICS.keySet().forEach(topic ->
                    assertTrue(flags.contains("\n  " + topic + " "), topic));
            assertTrue(flags.contains("\n  -httpport "));
        }
    }

    @Test
    void aTopicIsNamedInEachForm() throws Exception {
        String page = Help.text("disk");
        assertEquals(page, help("-help=disk"));
        assertEquals(page, help("--help", "disk"));
        assertEquals(page, help("-h", "disk"));
        assertTrue(assertThrows(UsageException.class, () -> help("-help=disks")).getMessage()
                .startsWith("no help on \"disks\"; topics: api, disk, "));
    }

    @Test
    void everyFlagThatIsDocumentedExists() throws Exception {
        String flags = Flags.helpText();
        for (Path text : texts()) {
            for (MatchResult each : FLAG.matcher(Files.readString(text)).results().toList()) {
                assertTrue(flags.contains("\n  -" + each.group(1) + " "),
                        text + " names -" + each.group(1));
            }
        }
    }

    @Test
    void everyLinkLeadsToAFile() throws Exception {
        for (Path text : texts()) {
            Matcher link = LINK.matcher(Files.readString(text));
            while (link.find()) {
                assertTrue(Files.exists(text.resolveSibling(link.group(1))),
                        text + " links " + link.group(1));
            }
        }
    }

    @Test
    void theReadmeStaysShort() throws IOException {
        assertTrue(Files.readAllLines(README).size() < 200);
    }
}
