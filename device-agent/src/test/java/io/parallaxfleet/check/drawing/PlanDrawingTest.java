package io.parallaxfleet.check.drawing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.BranchPlanner;
import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.RandomGraphs;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partitioner;
import io.parallaxfleet.svg.TextWidth;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class PlanDrawingTest {
    private static final DelegationPolicy PAIRS = new DelegationPolicy.Thresholds(2, 0, 1e9);

    private static BranchPlan randomPlan(Random random, int operators) {
        ModelGraph graph = RandomGraphs.graph(random, operators);
        OperatorSupport support = RandomGraphs.support(random, graph, random.nextDouble());
        return BranchPlanner.plan(Partitioner.partition(graph, support, PAIRS), BranchOptions.paper());
    }

    private static BranchPlan onCpu(ModelGraph graph) {
        return BranchPlanner.plan(Partitioner.partition(graph, OperatorSupport.none(), new DelegationPolicy.Never()), BranchOptions.paper());
    }

    /** A stack of equal blocks: one operator that feeds two, which feed the next block's one. */
    private static ModelGraph blocks(int count) {
        List<List<Integer>> reads = new ArrayList<>();
        for (int block = 0; block < count; block++) {
            int first = reads.size();
            reads.add(block == 0 ? List.of() : List.of(first - 2, first - 1));
            reads.add(List.of(first));
            reads.add(List.of(first));
        }
        return RandomGraphs.ofReads(reads);
    }

    private static Document parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void plansOfSubGraphsAreDrawnBelowTheModels() throws Exception {
        BranchPlan model = randomPlan(new Random(3), 40);
        BranchPlan body = onCpu(blocks(6));
        Element both = parse(PlanDrawing.svg(List.of(model, body))).getDocumentElement();
        double alone = height(parse(PlanDrawing.svg(model)).getDocumentElement());

        assertEquals(alone + height(parse(PlanDrawing.svg(body)).getDocumentElement()), height(both), 2);
        assertEquals(2, PlanDrawing.dot(List.of(model, body)).split("digraph plan").length - 1);
    }

    private static double height(Element svg) {
        return Double.parseDouble(svg.getAttribute("height"));
    }

    @Test
    void everyLayerIsInExactlyOneRow() {
        Random random = new Random(5);
        for (int trial = 0; trial < 300; trial++) {
            BranchPlan plan = randomPlan(random, 200);
            List<Integer> drawn = new ArrayList<>();
            RowFolding.fold(plan).rows().forEach(row -> {
                drawn.addAll(row.layers());
                row.copies().forEach(drawn::addAll);
            });

            assertEquals(plan.layers().size(), drawn.size());
            assertEquals(plan.layers().size(), Set.copyOf(drawn).size());
        }
    }

    @Test
    void boxesOfARowDoNotOverlapAndLinesRunDown() {
        Random random = new Random(6);
        for (int trial = 0; trial < 100; trial++) {
            Layout layout = Layout.of(PictureBuilder.of(randomPlan(random, 150)));
            for (List<Layout.Item> row : layout.rows()) {
                for (int i = 0; i < row.size(); i++) {
                    Layout.Item item = row.get(i);
                    assertTrue(i == 0 || row.get(i - 1).x + row.get(i - 1).width / 2 <= item.x - item.width / 2);
                    assertTrue(item.below.stream().allMatch(below -> below.row == item.row + 1));
                }
            }
        }
    }

    @Test
    void everyEdgeOfASmallPlanIsDrawn() {
        Random random = new Random(8);
        for (int trial = 0; trial < 200; trial++) {
            BranchPlan plan = randomPlan(random, 12);
            Set<List<Integer>> edges = new HashSet<>();
            plan.branches().forEach(branch -> branch.predecessors().forEach(before -> edges.add(List.of(before, branch.index()))));

            assertTrue(PictureBuilder.of(plan).edges().size() <= edges.size());
            if (plan.layers().stream().allMatch(layer -> layer.branches().size() <= 8)) {
                assertEquals(edges.size(), PictureBuilder.of(plan).edges().size());
            }
        }
    }

    @Test
    void whatRepeatsIsDrawnOnce() {
        Picture picture = PictureBuilder.of(onCpu(blocks(100)));

        assertTrue(picture.rows().size() < 10, picture.rows().size() + " rows");
        assertTrue(picture.repeats().stream().anyMatch(repeat -> repeat.times() >= 98));
    }

    @Test
    void textFitsItsBox() throws Exception {
        Document svg = parse(PlanDrawing.svg(randomPlan(new Random(7), 200)));

        for (int i = 0; i < svg.getElementsByTagName("g").getLength(); i++) {
            Element group = (Element) svg.getElementsByTagName("g").item(i);
            double box = Double.parseDouble(((Element) group.getElementsByTagName("rect").item(0)).getAttribute("width"));
            for (int line = 0; line < 2; line++) {
                Element text = (Element) group.getElementsByTagName("text").item(line);
                double width = TextWidth.of(text.getTextContent(), Double.parseDouble(text.getAttribute("font-size")));
                assertTrue(width <= box, text.getTextContent() + " is " + width + " in " + box);
            }
        }
    }

    @Test
    void namesThatMeanSomethingInXmlAreEscaped() throws Exception {
        Node node = new Node(0, "a<b>&\"\u0001", "", "Re<lu", List.of("in"), List.of("out"), List.of(), false, Attributes.NONE);
        TensorType floats = TensorType.of(ElementType.FLOAT, 4);
        ModelGraph graph = new ModelGraph("m]]>", List.of(node), List.of("in"), List.of("out"),
                new HashMap<>(Map.of("in", floats, "out", floats)), Map.of());

        assertTrue(parse(PlanDrawing.svg(onCpu(graph))).getDocumentElement().getTextContent().contains("a<b>&\"?"));
        assertTrue(PlanDrawing.dot(onCpu(graph)).contains("a<b>&\\\""));
    }

    @Test
    void aThousandOperatorsGiveOneBoundedDrawing() throws Exception {
        Element svg = parse(PlanDrawing.svg(onCpu(blocks(400)))).getDocumentElement();

        assertTrue(Integer.parseInt(svg.getAttribute("height")) < 1200, svg.getAttribute("height"));
        assertTrue(Integer.parseInt(svg.getAttribute("width")) < 1200, svg.getAttribute("width"));
    }

    @Test
    void delegatedRegionsHaveTheirOwnColourAndALegend() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1)));
        BranchPlan plan = BranchPlanner.plan(Partitioner.partition(chain, (graph, node) -> true, PAIRS), BranchOptions.paper());

        assertTrue(PlanDrawing.svg(plan).contains("delegated region"));
        assertFalse(PlanDrawing.svg(onCpu(chain)).contains("delegated region"));
    }

    @Test
    void equalPlansGiveEqualDrawings() {
        assertEquals(PlanDrawing.svg(randomPlan(new Random(9), 120)), PlanDrawing.svg(randomPlan(new Random(9), 120)));
    }
}
