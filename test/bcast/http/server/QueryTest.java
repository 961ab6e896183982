package bcast.http.server;

import static bcast.http.server.RequestHead.parseQuery;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class QueryTest {

    private static void malformed(String why, String query) {
        HttpError error = assertThrows(HttpError.class, () -> parseQuery(query));
        assertEquals(400, error.status());
        assertEquals("malformed", error.code());
        assertEquals("The query parameter \"" + why, error.getMessage());
    }

    @Test
    void parametersAsBrowsersSendThem() throws Exception {
        assertEquals(Map.of(), parseQuery(""));
        assertEquals(Map.of("id", "a b+c&d=ü", "x", "1"),
                parseQuery("id=a+b%2Bc%26d%3d%C3%bc&&x=1"));
        assertEquals(Map.of("id", "first", "flag", ""), parseQuery("id=first&id=second&flag"));
        assertEquals(Map.of("ä", "=", "", "x"), parseQuery("%c3%a4==&=x"));
    }

    @Test
    void bytesOver127NeedNoEscape() throws Exception {
        String sent = new String("id=größe".getBytes(StandardCharsets.UTF_8),
                StandardCharsets.ISO_8859_1);
        assertEquals(Map.of("id", "größe"), parseQuery(sent));
    }

    @Test
    void aMalformedParameterIsNamed() {
        malformed("id\" has a malformed percent escape", "x=1&id=%zz");
        malformed("id\" has a malformed percent escape", "id=a%z");
        malformed("id\" has a malformed percent escape", "id=%");
        malformed("id\" has a malformed percent escape", "id=a%4");
        malformed("limit\" is not UTF-8 at byte 1", "id=a&limit=1%ff");
        malformed("limit\" is not UTF-8 at byte 0", "limit=%ed%a0%80");
        malformed("ü\" is not UTF-8 at byte 0", "%c3%bc=%c0%80");
        malformed("%ff\" is not UTF-8 at byte 0", "%ff=x");
    }
}
