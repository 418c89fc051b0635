// The thread's page: each scene becomes a player when the reader asks for it.
import { learnTerms } from "./glossary";
import { upgradeScenes } from "./scene";
import "./nav";

upgradeScenes();
learnTerms();
