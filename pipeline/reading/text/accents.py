"""Words with accents as contact files have them: what a reading of bytes is compared with to tell whether it makes sense.

They are names of people and places, headers and words of addresses, in Portuguese, Spanish, French and German, in lower
case. What counts is not the word but which accented letter stands between which others; a few hundred words show that.
"""

from __future__ import annotations

from typing import Final

#: The commonest.
_COMMON: Final = """
joão josé antônio são conceição gonçalves araújo luís márcia patrícia júlia vitória cecília andré sebastião guimarães
magalhães brandão goiânia brasília ribeirão endereço número município observações razão não situação código
garcía gonzález rodríguez fernández lópez martínez sánchez pérez gómez hernández jiménez álvarez muñoz núñez maría
jesús ramón ángel mónica abraão leão falcão
"""

_PORTUGUESE: Final = """
joão josé antônio antónio luís luíz lívia lúcia lúcio júlia júlio júnior vitória vitório glória mário mária flávia flávio
fábio fábia fabrício fabrícia márcia márcio marília marílio maurício patrícia patrício letícia cecília sônia sónia tânia vânia
vânio tônia débora érica érico éder édson élcio élder élida êmile ângela ângelo andré andréa andréia andressa inês hélio
hélia heloísa helô cíntia cínthia cátia kátia nádia nélio nívea nícolas nicolás otávio otávia octávio sérgio rogério
rogéria valéria valério vinícius virgínia virgílio vítor víctor zélia zé zezé césar cícero cícera célia célio cássio cássia cláudia
cláudio clécio clóvis cristóvão estêvão estevão sebastião simão adão abraão aarão damião julião gastão ivã irã adrián ágata
álvaro amélia anísio apolônio aparício aurélio aurélia benício bárbara bráulio brás caíque caio cândida cândido cíntya
conceição assunção encarnação anunciação ascensão consolação purificação ressurreição elói eloá eloísa eliézer emílio emília
eugênio eugênia eugénia estéfano estéfani euclídes eulália fátima felícia félix fênix gláucia gláucio graça gutemberg
hércules horácio hortência inácio inácia índia íris ísis ítalo itálo jacó jandira jéssica jeová jeremias jôse josué
jônatas jônathas judá kauã kauê cauã cauê lázaro laércio laís leão léo leônidas leônia leôncio leontína lídia lígia
lílian lucília luísa luíza luzía marcílio mércia messiás míriam mônica mónica moisés natália natã natércia noé noêmia
noémia nazaré olímpia olímpio olívia oséias pâmela páscoa pérola plínio raíssa raísa raúl régis régia rená romário rômulo rubéns
rúbia sílvia sílvio sávio salomão saulo soraía stênio tainá taís tarcísio társila tércio thaís thaísa théo
tomás tomé telê úrsula válter wálter wânia zaíra zenóbio
araújo gonçalves conceição magalhães guimarães brandão falcão galvão leitão jordão paixão bulcão aragão assunção beltrão brito
simões camões lourenço mendonça valença frança bragança rebouças uchôa sá cândido nóbrega queirós queiróz espíndola esperança
d'ávila d\u2019ávila ávila estêvão avelãs alcântara antão arcanjão argolo barão barcelos batistão borçato câmara
calixto cardão carvalhães cássia césar corrêa corrêia côrtes damasceno feijó félix
figueirôa fogaça frazão fundão gáspar girão godói godóy goés góes góis gusmão inojosa itaúna jacó jucá lacônico leão leça lédo lemões
lisbôa lôbo luís macêdo maçal mação maranhão mariné marçal márques matão médici melão menéses milhão moisés
monção monteverdão morão mourão muniz negrão neves nazário níquel ógea olímpio ônix paço pação pádua paiã palhães pantaleão
patrício peçanha peixão pelé pérez pimentão pinhão portugês próspero quadrão ramalhão rangél rêgo régo
ressurreição rincão rolão romão roldão salomão salvação sanção santarém semeão serrão setúbal sião simão
taváres távora teófilo tolêdo trajano trindade tristão tupã urupês valadão valério varejão vasconcéllos
veríssimo viação vítor xerém zacarías zambão
são luís belém brasília goiânia florianópolis maceió niterói cuiabá vitória ribeirão jaú itajaí macapá uberlândia iguaçu poços
amapá pará ceará paraná piauí paraíba maranhão rondônia goiás espírito bahía japão américa áfrica canadá méxico méier tatuapé
guarujá paranaguá paranavaí maringá londrina corumbá cubatão suzano taubaté jundiaí mogí embú osasco mauá santo andré sumaré
tietê tatuí avaré itú açaí araçatuba araçuaí assaí aracajú caicó camaçari ilhéus itabuna jequié feira maraú ipiaú paulínia
petrópolis teresópolis três corações paços macaé magé maricá nilópolis itaboraí itaguaí cabo búzios angra américo anápolis
caxambú governador valadares muriaé ubá viçosa varginha lavras itaúna pará betim contagem confins sabará nova lima congonhas
glória penápolis araguaína palmas gurupí santarém marabá tucuruí redenção castanhal ananindeua macapá boa manaus parintins
chapecó criciúma tubarão joinville blumenau gaspar brusque balneário camboriú itapema navegantes laguna içara araranguá lages
caçador concórdia xanxerê videira caxias gravataí viamão canoas esteio ijuí bagé uruguaiana passo erechim getúlio vargas lajeado
cristóvão sergipe estância lagarto propriá maranguape sobral juazeiro crato iguatú quixadá canindé itapipoca mossoró natal
parnamirim caruaru olinda recife jaboatão petrolina garanhuns évora setúbal guimarães bragança viseu leiria santarém portimão
loulé olhão lagoa covilhã póvoa varzim vila famalicão gaia matosinhos maía águas santas águeda aveiro ílhavo coimbrã mação
braga fão ponte délgada açores funchal câmara lobos machico amadora odivelas loures belém almada seixal barreiro alcobaça
água águas árvore árvores área ângulo átrio ético índice ícone ídolo óculos ópera órgão ônibus ótica óleo único última último
número números endereço endereços município código códigos situação razão observação observações descrição informação
informações comunicação conversão conversões inscrição inscrições aniversário início término horário período página público
título usuário formulário estágio público próximo próxima página pais país países cônjuge gênero género sexo função funções
profissão ocupação salário preço preços serviço serviços matrícula série média máximo mínimo mês até você vocês olá também
está estão é são será então porém além já lá pé pó só nós pôr pôde fé café chá rapé sofá avó avô bebê ponto português inglês
francês japonês holandês escocês irmã irmão irmãos irmãs mãe mães pão pães cão cães mão mãos maçã manhã amanhã lã romã hortelã
avelã ímã órfã órfão anã alemã alemão alemães cidadão cidadãos capitão capitães escrivão tabelião sacristão coração corações avião aviões
limão limões melão balcão balcões portão botão cartão cartões caminhão caminhões fogão colchão calção ação ações nação nações
edição edições construção construções produção produções importação exportação distribuição comércio indústria indústrias
máquina máquinas eletrônica eletrônicos eletrônico telefônica informática automóveis móveis imóveis imobiliária farmácia drogaria
clínica médica médico médicos odontológica veterinária mecânica elétrica elétrico hidráulica gráfica papéis construtora
transporte logística comércio alimentícios confecção confecções decoração decorações refeição refeições água gás óptica ótica
associação fundação federação cooperativa união instituição administração consultoria soluções técnica técnico técnicos
tecnológica tecnologia inovação educação saúde segurança formação açúcar açougue padaria pães sorveteria praça praças edifício
condomínio térreo prédio galpão chácara sítio fazenda quilômetro rodovia avenída travessa estação aeroporto subúrbio bairro
república independência consolação liberdade paraíso santíssimo sé coração jesús bênção benção bênçãos oração orações três
lençol lençóis anzóis heróis caracóis faróis sóis dói herói ideia assembléia idéia européia colméia platéia jóia joía boléia
tramandaí açaí baú baía raízes juíz juízes saída saúva ruído miúdo faísca egoísta proíbe ciúme viúva viúvo peúga
sabiá indaiá jacarandá maracujá guaraná fubá sinhá orixá ijexá eloá fernão acordeão violão sabão feijão algodão edição gibão
jurídico jurídica físico física químico química crítico crítica típico clínico único científico específico pacífico tráfico
judô metrô robô avô alô ioiô maiô platô bibelô camelô crochê tricô purê ateliê dendê patê turnê bidê bibliotecário secretária
secretário diário diária horário salário vestuário mobiliário imobiliário agropecuária pecuária penitenciário funcionário
íntimo ímpar índio ícaro ítaca úmido útero útil último óbito ótimo órgãos óleos ônus êxito êxtase êxodo ênfase âncora âmbar ânimo
vôlei vôo enjôo têxtil têxteis farmacêutico farmacêutica agronômica econômico econômica anatômico polinômio patrimônio matrimônio
condômino fôrma fôrmas bônus tônus sêmen gêmeos gêmea fêmea sênior júri júris juízo juíza raízes país contêiner lêem crêem
à às àquela agüentar lingüiça freqüência tranqüilo qüinqüênio müller bündchen grün schäfer günther
promoção indicação recomendação captação ligação reunião negócio negócios orçamento análise política ética prática relatório
básico básica crédito débito cartório escritório laboratório consultório auditório território histórico histórica
câmbio câncer ciência ciências paciência experiência gerência agência agências residência residências frequência emergência
cerâmica vidraçaria serviçal calçada calçados caçamba força forças cabeça peça peças praça terça março espaço espaços aço
laço moço moça poço almoço começo preço berço terço lança dança aliança herança confiança criança crianças poupança
"""

_SPANISH: Final = """
garcía gonzález rodríguez fernández lópez martínez sánchez pérez gómez martín jiménez hernández díaz álvarez muñoz núñez gutiérrez
domínguez vázquez ramírez suárez giménez méndez márquez ibáñez benítez velázquez bermúdez cortés crespí durán estévez galán
gálvez guzmán guillén íñiguez lázaro león luján marín mármol mejía meléndez míguez millán morán nájera nieto ordóñez ortíz
pábón páez peláez peña peñalver piñeiro piñol quiñones ríos rincón román rendón rubén salmerón sáez sáenz saldaña sarmiento
sebastián solís téllez toledo tomás trías tuñón valdés verdú villalón yáñez zúñiga cánovas cárdenas cáceres chávez córdoba escribá
fábregas farías falcón galíndez garzón godínez iñíguez jáuregui juárez lucía maría josé jesús ramón andrés ángel ángela ángeles
mónica verónica inés concepción asunción encarnación rocío belén martín joaquín agustín benjamín fermín efraín iván adrián
germán hernán julián fabián damián sebastián tomás nicolás matías elías isaías josías raúl saúl rubén héctor óscar víctor césar
félix ulíses aarón simón ramón gastón nelsón sofía rosalía estefanía analía noemí nohemí anahí bárbara débora úrsula águeda
álvaro ágata íñigo úrsula begoña íker zoé noé josué moisés inmaculada purificación consolación rené bernabé teófilo eugenía
año años niño niña niños señor señora señores españa español española compañía cañón caña cabaña montaña mañana peñón piñón
otoño baño diseño diseños pequeño pequeña dueño sueño enseñanza contraseña campaña campañas cumpleaños tamaño coruña logroño
teléfono teléfonos dirección correo electrónico número código población provincia país calle avenida plaza méxico málaga cádiz
almería ávila león córdoba jaén cáceres gijón aragón cataluña perú panamá bogotá medellín cúcuta ibagué popayán bolívar
asunción canelones yucatán querétaro michoacán potosí león nuevo mérida cancún tucumán neuquén río ríos paraná guaraní
chillán concepción valparaíso viña copiapó maipú ñuñoa curicó temuco razón categoría observación información atención ubicación
sección edición región estación administración construcción fundación asociación comunicación línea área móvil fábrica
electrónica electrónicos médico médica clínica óptica jardín jardín camión avión balcón salón calefacción peluquería panadería
librería joyería cafetería ferretería carnicería tintorería cerrajería asesoría consultoría abogacía ingeniería compañías
sí está aquí allí así también después además más él tú mí qué cómo cuándo dónde quién día días mamá papá
físico física químico química jurídico jurídica crítico político música músico público práctica técnico técnica básico
académico informática matemático estadístico mecánico eléctrico económico gráfico fotógrafo psicólogo biólogo zoólogo geólogo
enríquez henríquez aníbal amílcar díez pío pía líder líbano vítores elías urías isaías rosalía abigaíl noelía anaí haití
julià juliá escrivá alcalá bauzá nevot tomàs bartolomé salomé chloé josefína úrsula ígor íker íñigo óliver ónice áurea álava ávalos
ángulo águila área época último única útil órgano óptica índice éxito ético ágil árbol ámbito ícono ínsula
camí òscar núria jordà llàtzer àngels remígia sònia mercè josè montseny puigcerdà güell agüero pingüino vergüenza argüelles
"""

_FRENCH: Final = """
rené renée andré andrée josé françois françoise gaël gaëlle maël raphaël michaël noël noëlle joël joëlle loïc anaïs zoé chloé
léa théo théophile hélène éric éloïse édouard élise élisabeth étienne émile émilie élodie éléonore jérôme jérémy grégoire grégory
stéphane stéphanie sébastien frédéric frédérique aurélie aurélien célia célestine céline cécile cédric clémence clément bénédicte
bérénice benoît bénoit maïté maëlys noémie océane agnès inès géraldine gérard gisèle adèle angèle michèle michèle danièle irène
solène eugène eugénie valérie véronique mélanie mélissa amélie rémi rémy désiré honoré barthélemy timothée mathéo léon léonie
lefèvre lefebvre lévêque évêque besançon françois français française levêque guérin gérard hébert bénard rené dupré
andré pérez rivière carrière barrière verrière clément étienne rémy prévost prévot gaudin maréchal sénéchal delattre benoît
lemaître lemaître maître château châtelet côté côte hôtel hôpital forêt fête tête crêpe île maïs boîte août goût dépôt impôt
société électricité sécurité spécialités café théâtre musée école église évry épinay été allée chaussée général république
numéro prénom téléphone adresse département région opération ingénieur développement bâtiment ménage crédit
orléans nîmes angoulême mâcon châlons châteauroux béziers sète saint-étienne besançon alençon briançon besançon île-de-france
rhône saône isère lozère ardèche finistère hérault corrèze créteil sèvres système systèmes problème scène scènes crème interprète poète prophète comète diète athlète pêche pêcheur bête enquête
contrôle contrôleur drôme dôme puy-de-dôme brûleur brûlé sûreté mûr flûte août coût goût bûche dîner traître abîme croître
chaîne fraîche naître île îles âge âme pâtes pâtissier théâtres râpé grâce château gâteau bâti hâte
numérique médecin secrétaire vétérinaire dépôts réseau création gérant préfecture conférence référence présidént président
où là déjà voilà à très près après mère père frère
leçon garçon façade reçu glaçon façon français nœud sœur cœur œuvre bœuf œil naïve héroïne haïti caraïbes
"""

_GERMAN: Final = """
müller schröder schäfer köhler könig krüger krämer jäger möller lüders böhm böttcher günther götz vögel größe groß straße
strauß weiß weiss heß voß preuß fröhlich früh kühn kühne kühl küster lübeck münchen köln nürnberg düsseldorf würzburg
tübingen göttingen thüringen württemberg münster osnabrück saarbrücken zürich österreich bär bäcker bürger bürgermeister
weiß preiß geiß spieß gieß geißler weißmann heiß fleiß kreuß dreßler rößner schlüter schüler schünemann schönberg schöne
schönherr söllner sölzer rösler röhrig röder römer mörike möbius hölzl hölzer höfig höfler höhne kölling körner klöß klöster stöckl
bölter börner bösch böhme löchel löwe löffler lötzsch pölitz pönitz wörner wölfl döring dörfer döhn förstner flöß größmann
bähr bärsch bänsch fränkel grävert gräfe häberle hähnel härtel hänel jähn jäckel jänsch käfer kähler kämpf krägel lämmel mächtig
märz nägel nägele pärtzelt pfänder räder rädel säger schädel schäffer schälter stähr stählin täsche trägner wähner wägner
brückner büchner bücker bühler bürkle bütow büttner dürr dürkheim früchtl fürst grünwald gürtler hübel hürth hülsmann kübler kümmel
künzel künstler lück lüdecke lührs mühle mühlhausen münch mützel nüßlein plüschke püschel rühl rüdiger schürmann schüttler stüber
süßmuth süße thürmer tüchler türk übermuth wüst wünsch würfel zürn zschäpe altötting böblingen göppingen görlitz höxter kötzting
lüneburg mülheim neumünster nördlingen schwäbisch tübingen übungsplatz wüstenrot zwönitz pößneck gräfenhainichen brühl bützow
jürgen jörg björn günter käthe bärbel ägidius änne örtel öztürk özdemir ümit übersicht hänsel gärtner förster hübner hüttner schütz schütze schönfeld
grün grüne blümel dörr dörfler häusler kämmerer mühlbauer rößler sänger süß wölfel zöllner glück glöckner gräf größer fuß
kirchstraße hauptstraße gartenstraße bahnhofstraße schloßstraße gruß grüße für über öffnen geschäft geschäftsführer verkäufer
"""

#: Names that people of other languages bring along, whose letters the lists above do not have.
_OTHERS: Final = """
søren jørgen bjørn åse håkan ångström åström lindström sjöström ærø mårten gävle malmö göteborg françoise šimon žana
"""

#: How much each word counts: as often as contact files have the language, and the commonest words more.
WEIGHTS: Final = {
    word: weight
    for words, weight in ((_OTHERS, 1), (_GERMAN, 2), (_FRENCH, 1), (_SPANISH, 3), (_PORTUGUESE, 3), (_COMMON, 20))
    for word in words.split()
}
