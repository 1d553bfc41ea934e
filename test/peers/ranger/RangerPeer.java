/*
 * Ranger's own policy engine behind standard input and output: a line of JSON in, a line of JSON out.
 *
 *   {"export": {policies, roles?, zones?}}  -> {"policies": n}: what Ranger Admin exports is what is decided by from now on
 *   {"requests": [{user, groups, path, access, time?, recursive?}]}  -> {"answers": [{allowed, determined, policyId}]}
 *   {"grid": {people: [{user, groups}], times, paths, accesses}}  -> {"allowed": "0110…"}: every combination, the last
 *       list turning fastest
 *   {"bench": {rules: [{prefix, team}], requests: [{team, path, allowed}]}}  -> {"median": ns, "best": ns} of one decision
 *
 * A `time` is milliseconds since the epoch. The engine is put together as a plugin does it, without tags and without audit.
 */
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.ranger.authorization.hadoop.config.RangerPluginConfig;
import org.apache.ranger.plugin.model.RangerPolicy;
import org.apache.ranger.plugin.model.RangerPolicy.RangerPolicyItem;
import org.apache.ranger.plugin.model.RangerPolicy.RangerPolicyItemAccess;
import org.apache.ranger.plugin.model.RangerPolicy.RangerPolicyResource;
import org.apache.ranger.plugin.model.RangerRole;
import org.apache.ranger.plugin.model.RangerServiceDef;
import org.apache.ranger.plugin.policyengine.RangerAccessRequest.ResourceMatchingScope;
import org.apache.ranger.plugin.policyengine.RangerAccessRequestImpl;
import org.apache.ranger.plugin.policyengine.RangerAccessResourceImpl;
import org.apache.ranger.plugin.policyengine.RangerAccessResult;
import org.apache.ranger.plugin.policyengine.RangerPluginContext;
import org.apache.ranger.plugin.policyengine.RangerPolicyEngine;
import org.apache.ranger.plugin.policyengine.RangerPolicyEngineImpl;
import org.apache.ranger.plugin.policyengine.RangerPolicyEngineOptions;
import org.apache.ranger.plugin.util.RangerRoles;
import org.apache.ranger.plugin.util.ServicePolicies;
import org.apache.ranger.plugin.util.ServicePolicies.SecurityZoneInfo;

public final class RangerPeer {
  private static final String SERVICE = "hdfs";
  private static final int WARM_UP_ROUNDS = 12;
  private static final int ROUNDS = 15;
  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private static RangerPluginConfig config;

  private RangerPolicyEngine engine;

  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    // Whatever a library prints must not look like an answer.
    System.setOut(System.err);
    RangerPeer peer = new RangerPeer();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer;
      try {
        answer = peer.answer(JSON.readTree(line));
      } catch (Exception problem) {
        answer = JSON.createObjectNode().put("error", String.valueOf(problem));
      }
      out.write(JSON.writeValueAsBytes(answer));
      out.write('\n');
      out.flush();
    }
  }

  private ObjectNode answer(JsonNode asked) throws Exception {
    ObjectNode answer = JSON.createObjectNode();
    if (asked.has("export")) return answer.put("policies", load(asked.get("export")));
    if (asked.has("bench")) return bench(asked.get("bench"));
    if (asked.has("grid")) return answer.put("allowed", grid(asked.get("grid")));
    ArrayNode answers = answer.putArray("answers");
    for (JsonNode request : asked.get("requests")) {
      RangerAccessResult result = engine.evaluatePolicies(request(request), RangerPolicy.POLICY_TYPE_ACCESS, null);
      answers.addObject()
          .put("allowed", result.getIsAllowed())
          .put("determined", result.getIsAccessDetermined())
          .put("policyId", result.getPolicyId());
    }
    return answer;
  }

  private String grid(JsonNode asked) {
    StringBuilder allowed = new StringBuilder();
    for (JsonNode person : asked.get("people")) {
      Set<String> groups = new HashSet<>(strings(person.get("groups")));
      for (JsonNode time : asked.get("times"))
        for (JsonNode path : asked.get("paths"))
          for (JsonNode access : asked.get("accesses")) {
            RangerAccessRequestImpl request = request(person.get("user").asText(), groups, path.asText());
            request.setAccessType(access.asText());
            request.setAccessTime(new Date(time.asLong()));
            boolean yes = engine.evaluatePolicies(request, RangerPolicy.POLICY_TYPE_ACCESS, null).getIsAllowed();
            allowed.append(yes ? '1' : '0');
          }
    }
    return allowed.toString();
  }

  /** As Ranger Admin hands an export to a plugin: policies of a zone stand in the zone. */
  private int load(JsonNode export) throws Exception {
    List<RangerPolicy> policies = new ArrayList<>();
    Map<String, SecurityZoneInfo> zones = new LinkedHashMap<>();
    for (JsonNode zone : list(export, "zones")) {
      SecurityZoneInfo info = new SecurityZoneInfo();
      info.setZoneName(zone.get("name").asText());
      info.setPolicies(new ArrayList<>());
      List<HashMap<String, List<String>>> resources = new ArrayList<>();
      for (JsonNode resource : list(zone.path("services").path(SERVICE), "resources"))
        resources.add(new HashMap<>(Map.of("path", strings(resource.get("path")))));
      info.setResources(resources);
      zones.put(info.getZoneName(), info);
    }
    for (JsonNode node : list(export, "policies")) {
      RangerPolicy policy = JSON.treeToValue(node, RangerPolicy.class);
      SecurityZoneInfo zone = zones.get(policy.getZoneName());
      (zone == null ? policies : zone.getPolicies()).add(policy);
    }
    Set<RangerRole> roles = new HashSet<>();
    for (JsonNode role : list(export, "roles")) roles.add(JSON.treeToValue(role, RangerRole.class));
    engine = engineOf(policies, zones, roles);
    return list(export, "policies").size();
  }

  private static RangerPolicyEngine engineOf(
      List<RangerPolicy> policies, Map<String, SecurityZoneInfo> zones, Set<RangerRole> roles) throws Exception {
    ServicePolicies services = new ServicePolicies();
    services.setServiceName(SERVICE);
    services.setServiceId(1L);
    services.setPolicyVersion(1L);
    services.setPolicies(policies);
    services.setSecurityZones(zones);
    try (InputStream definition =
        RangerPeer.class.getResourceAsStream("/service-defs/ranger-servicedef-hdfs.json")) {
      services.setServiceDef(JSON.readValue(definition, RangerServiceDef.class));
    }
    RangerRoles rangerRoles = new RangerRoles();
    rangerRoles.setServiceName(SERVICE);
    rangerRoles.setRoleVersion(1L);
    rangerRoles.setRangerRoles(roles);
    RangerPolicyEngineOptions options = new RangerPolicyEngineOptions();
    options.disableTagPolicyEvaluation = true;
    options.disableContextEnrichers = true;
    options.disableAccessEvaluationWithPolicyACLSummary = true;
    options.cacheAuditResults = false;
    // Reads Hadoop's own defaults from XML, which are the same each time.
    if (config == null) config = new RangerPluginConfig("hdfs", SERVICE, "peer", null, null, options);
    return new RangerPolicyEngineImpl(services, new RangerPluginContext(config), rangerRoles);
  }

  private static RangerAccessRequestImpl request(JsonNode asked) {
    RangerAccessRequestImpl request = request(
        asked.get("user").asText(), new HashSet<>(strings(asked.get("groups"))), asked.get("path").asText());
    request.setAccessType(asked.get("access").asText());
    if (asked.has("time")) request.setAccessTime(new Date(asked.get("time").asLong()));
    if (asked.path("recursive").asBoolean()) request.setResourceMatchingScope(ResourceMatchingScope.SELF_OR_DESCENDANTS);
    return request;
  }

  private static RangerAccessRequestImpl request(String user, Set<String> groups, String path) {
    RangerAccessResourceImpl resource = new RangerAccessResourceImpl();
    resource.setValue("path", path);
    return new RangerAccessRequestImpl(resource, "read", user, groups, null);
  }

  /** Each round decides requests that were never decided before, half of them to be allowed, and checks every verdict. */
  private static ObjectNode bench(JsonNode asked) throws Exception {
    List<RangerPolicy> policies = new ArrayList<>();
    long id = 0;
    for (JsonNode rule : asked.get("rules")) policies.add(readPolicy(++id, rule));
    RangerPolicyEngine engine = engineOf(policies, Collections.emptyMap(), Collections.emptySet());
    JsonNode requests = asked.get("requests");
    double[] means = new double[ROUNDS];
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      RangerAccessRequestImpl[] made = new RangerAccessRequestImpl[requests.size()];
      for (int at = 0; at < made.length; at++) {
        JsonNode one = requests.get(at);
        made[at] = request("someone", new HashSet<>(List.of(one.get("team").asText())), new String(one.get("path").asText()));
      }
      boolean[] verdicts = new boolean[made.length];
      long began = System.nanoTime();
      for (int at = 0; at < made.length; at++)
        verdicts[at] = engine.evaluatePolicies(made[at], RangerPolicy.POLICY_TYPE_ACCESS, null).getIsAllowed();
      long took = System.nanoTime() - began;
      for (int at = 0; at < made.length; at++)
        if (verdicts[at] != requests.get(at).get("allowed").asBoolean())
          throw new IllegalStateException("wrong verdict on " + requests.get(at));
      if (round >= 0) means[round] = (double) took / made.length;
    }
    Arrays.sort(means);
    return JSON.createObjectNode().put("median", means[ROUNDS / 2]).put("best", means[0]);
  }

  private static RangerPolicy readPolicy(long id, JsonNode rule) {
    RangerPolicy policy = new RangerPolicy();
    policy.setId(id);
    policy.setName("policy-" + id);
    policy.setService(SERVICE);
    policy.setIsAuditEnabled(false);
    RangerPolicyResource resource = new RangerPolicyResource(rule.get("prefix").asText());
    resource.setIsRecursive(true);
    policy.setResources(new HashMap<>(Map.of("path", resource)));
    RangerPolicyItem item = new RangerPolicyItem();
    item.setAccesses(new ArrayList<>(List.of(new RangerPolicyItemAccess("read", true))));
    item.setGroups(new ArrayList<>(List.of(rule.get("team").asText())));
    policy.setPolicyItems(new ArrayList<>(List.of(item)));
    return policy;
  }

  private static JsonNode list(JsonNode node, String name) {
    return node.has(name) ? node.get(name) : JSON.createArrayNode();
  }

  private static List<String> strings(JsonNode node) {
    List<String> strings = new ArrayList<>();
    if (node != null) for (JsonNode one : node) strings.add(one.asText());
    return strings;
  }
}
