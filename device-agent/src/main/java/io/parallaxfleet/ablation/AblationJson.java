package io.parallaxfleet.ablation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** An ablation as one JSON document. */
final class AblationJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private AblationJson() {}

    static String of(List<ModelAblation> models) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("machine", System.getProperty("os.arch") + ", " + Runtime.getRuntime().availableProcessors() + " processors, Java "
                + Runtime.version());
        ArrayNode entries = root.putArray("models");
        models.forEach(model -> entries.add(model(model)));
        return root.toPrettyString();
    }

    private static ObjectNode model(ModelAblation model) {
        ObjectNode node = MAPPER.createObjectNode().put("model", model.model()).put("shapes", model.shapes())
                .put("threads", model.threads()).put("runs", model.runs()).put("energySource", model.energySource());
        ArrayNode rows = node.putArray("rows");
        model.rows().forEach(row -> rows.add(row(row)));
        budget(node.putObject("tightBudget"), model.budget());
        budget(node.putObject("tightBudgetWithoutRefinement"), model.budgetWithoutRefinement());
        ObjectNode arenas = node.putObject("arenaBytes").put("naive", model.memory().naive())
                .put("paperWithoutSharing", model.memory().ownArenas()).put("paper", model.memory().branchArenas())
                .put("engineWithoutSharing", model.memory().engineUnshared()).put("engine", model.memory().engine());
        model.memory().ort().ifPresent(ort -> arenas.put("ortInUse", ort.inUseBytes()).put("ortHeld", ort.heldBytes()));
        ArrayNode layers = node.putArray("layers");
        model.layers().forEach(layer -> layers.addObject().put("layer", layer.layer()).put("branches", layer.branches())
                .put("sideBySideNanos", layer.sideBySideNanos()).put("wideNanos", layer.wideNanos()));
        node.set("structures", MAPPER.valueToTree(model.structures()));
        return node;
    }

    private static void budget(ObjectNode node, BindingBudget budget) {
        node.put("bytes", budget.bytes()).put("layers", budget.layers()).put("layersNotHeld", budget.layersBound())
                .put("layersBegunDifferently", budget.layersThatDiffer());
    }

    private static ObjectNode row(ModelAblation.Row row) {
        ObjectNode node = MAPPER.createObjectNode().put("name", row.variant().name())
                .put("contender", row.variant().contender());
        row.variant().flags().forEach(node.withArray("flags")::add);
        if (row.outcome() instanceof ModelAblation.Ran ran) {
            node.put("setting", ran.setting()).put("minNanos", ran.summary().minNanos()).put("medianNanos", ran.summary().medianNanos())
                    .put("maxNanos", ran.summary().maxNanos()).put("relativeDifference", ran.relativeDifference());
            ran.summary().microjoules().ifPresent(microjoules -> node.put("microjoules", microjoules));
            ran.peakBytes().ifPresent(bytes -> node.put("peakMemoryBytes", bytes));
        } else if (row.outcome() instanceof ModelAblation.LeftOut leftOut) {
            node.put("leftOut", leftOut.reason());
        }
        return node;
    }
}
