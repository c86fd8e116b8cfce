import java.io.File;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyLoaderConfiguration;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileReport;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;

/** One ontology file to the violations of the OWL 2 DL profile, one a line, after a line with its number of axioms. */
public final class Profile {
  public static void main(String[] arguments) throws Exception {
    OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
    // A term that is not declared is a violation to report, never guessed to be an annotation.
    OWLOntologyLoaderConfiguration strict = new OWLOntologyLoaderConfiguration().setStrict(false);
    manager.setOntologyLoaderConfiguration(strict);
    OWLOntology ontology = manager.loadOntologyFromOntologyDocument(new File(arguments[0]));
    System.out.println("axioms " + ontology.getAxiomCount());
    OWLProfileReport report = new OWL2DLProfile().checkOntology(ontology);
    for (OWLProfileViolation violation : report.getViolations()) {
      System.out.println("violation " + violation.toString().replace('\n', ' '));
    }
    // the library keeps threads that are no daemons
    System.exit(0);
  }
}
