package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.http.Tokens;
import bcast.testing.Await;
import bcast.testing.News;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Posts that need a token. */
final class TokenTest {

    private static final String FIRST = "first-token-of-many";
    private static final String SECOND = "AbC123._~+/=-AbC123";

    @TempDir
    Path dir;

    private static HttpResponse<String> post(TestNode node, String id, String... headers)
            throws Exception {
        return node.client.send("POST", "/postNewData", News.json(id, "raw"), headers);
    }

    private static HttpResponse<String> with(TestNode node, String id, String token)
            throws Exception {
        return post(node, id, "Authorization", "Bearer " + token);
    }

    @Test
    void onlyWhoNamesATokenMayPost() throws Exception {
        Path file = Files.writeString(dir.resolve("tokens"), "# ours\n" + FIRST + "\n");
        try (TestNode node = TestNode.alone("-tokenfile=" + file)) {
            HttpResponse<String> none = post(node, "a");
            assertEquals(401, none.statusCode());
            assertTrue(none.body().contains("\"code\":\"token\""));
            assertEquals("Bearer", none.headers().firstValue("WWW-Authenticate").orElse(""));
            assertEquals(401, with(node, "a", FIRST + "x").statusCode());
            assertEquals(401, with(node, "a", "").statusCode());
            assertEquals(401, with(node, "a", "ours").statusCode());
            assertEquals(401, post(node, "a", "Authorization", "Basic " + FIRST).statusCode());
            assertEquals(200, with(node, "a", FIRST).statusCode());
            assertEquals(200, post(node, "b", "Authorization", "bearer  " + FIRST)
                    .statusCode());
            assertEquals(200, node.client.send("POST", "/listAllRecentData", "{}").statusCode(),
                    "reading needs none");
            assertEquals(2, node.client.count());
            Files.writeString(file, SECOND);
            Await.until("the other token is taken", 10,
                    () -> with(node, "c", SECOND).statusCode() == 200);
            assertEquals(401, with(node, "d", FIRST).statusCode());
            assertTrue(node.log.stream().noneMatch(line -> line.contains(FIRST)
                    || line.contains(SECOND)), "no token is ever logged");
        }
    }

    @Test
    void filesThatHoldNoTokensSayWhy() {
        String[][] cases = {{"\n# none\n", "0 tokens; expected 1..64"},
            {"fifteen-letters", "line 1 is not a token: expected 16..1024 letters, digits or any "
                + "of -._~+/="},
            {"x".repeat(16) + "\n" + "x".repeat(1_025), "line 2 is not a token: expected 16..1024 "
                + "letters, digits or any of -._~+/="},
            {"sixteen letters!", "line 1 is not a token: expected 16..1024 letters, digits or any "
                + "of -._~+/="},
            {("x".repeat(16) + "\n").repeat(65), "65 tokens; expected 1..64"}};
        for (String[] each : cases) {
            assertEquals(each[1], assertThrows(IllegalArgumentException.class, () ->
                    Tokens.of(each[0].getBytes(StandardCharsets.UTF_8))).getMessage());
        }
        Tokens.of(("x".repeat(1_024) + "\r\n").repeat(63).getBytes(StandardCharsets.UTF_8));
    }
}
