package bcast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** {@code make fuzz} in small, each time with the same seeds. */
@Isolated("measures the heap")
final class FuzzTest {

    private static final long SEED = 20_260_101;

    private static Map<String, Object> machine(long seed) {
        Map<String, Object> row = new MachineFuzz(seed, 5_000).run();
        row.keySet().removeIf(name -> name.startsWith("heap"));
        return row;
    }

    @Test
    void spoiledFramesHarmNeitherCodecNorStateMachine() {
        assertEquals(machine(SEED), machine(SEED), "a seed replays");
        assertTrue((int) machine(SEED + 1).get("fewest of a type") > 0, "a type was left out");
    }

    @Test
    void spoiledFramesDoNotHarmANode() throws Exception {
        new PortFuzz(new Cases(SEED, OptionalLong.empty()), 1_500).run();
    }

    @Test
    void spoiledRequestsDoNotHarmANode() throws Exception {
        new HttpFuzz(new Cases(SEED, OptionalLong.empty()), 1_500).run();
    }

    private static Answers.Found answers(String text) {
        return Answers.read(text.getBytes(StandardCharsets.ISO_8859_1), text.contains("HEAD"))
                .orElse(null);
    }

    @Test
    void whatIsNoAnswerIsToldFromWhatIs() {
        String ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        String chunks = "HTTP/1.1 200 OK\r\nTransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        assertEquals(3, answers(ok + chunks + ok).statuses().size());
        assertEquals(2, answers("HTTP/1.1 304 Not Modified\r\nX: y\r\n\r\n" + ok).statuses()
                .size());
        assertEquals(2, answers("HTTP/1.1 200 HEAD\r\nContent-Length: 9\r\n\r\n" + ok)
                .statuses().size());
        assertTrue(answers(ok.substring(0, ok.length() - 1)).cut());
        assertTrue(answers(chunks.substring(0, chunks.length() - 1)).cut());
        assertTrue(answers("HTT").cut());
        assertEquals(null, answers(ok + "x"));
        assertEquals(null, answers("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"));
        assertEquals(null, answers("HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\n"));
        assertEquals(null, answers(chunks.replace("2\r\n", "x\r\n")));
    }
}
