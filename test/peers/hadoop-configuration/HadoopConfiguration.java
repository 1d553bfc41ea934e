/**
 * Hadoop's own `Configuration`, asked line by line. A line is a JSON list of cases, a case a list of XML documents, each a later
 * resource than the one before. The answer has for each case its properties, null where a value has no end, or why it failed.
 */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

public final class HadoopConfiguration {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] words) throws Exception {
    // Neither the environment nor the properties of this JVM are what a document means.
    Configuration.setRestrictSystemPropertiesDefault(true);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, "UTF-8");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ArrayNode answers = JSON.createArrayNode();
      for (JsonNode documents : JSON.readTree(line)) answers.add(read(documents));
      out.println(JSON.writeValueAsString(answers));
    }
  }

  private static ObjectNode read(JsonNode documents) {
    ObjectNode answer = JSON.createObjectNode();
    try {
      Configuration configuration = new Configuration(false);
      int at = 0;
      for (JsonNode document : documents) {
        byte[] bytes = document.asText().getBytes(StandardCharsets.UTF_8);
        configuration.addResource(new ByteArrayInputStream(bytes), "document " + at++);
      }
      ObjectNode properties = JSON.createObjectNode();
      for (Map.Entry<String, String> raw : configuration) properties.put(raw.getKey(), valueOf(configuration, raw.getKey()));
      answer.set("properties", properties);
    } catch (RuntimeException refused) {
      answer.put("failed", String.valueOf(refused.getMessage()));
    }
    return answer;
  }

  /** Null where variables lead to variables without an end. */
  private static String valueOf(Configuration configuration, String name) {
    try {
      return configuration.get(name);
    } catch (IllegalStateException tooDeep) {
      return null;
    }
  }
}
