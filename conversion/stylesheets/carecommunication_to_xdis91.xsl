<?xml version="1.0" encoding="UTF-8"?>
<!--
  CareCommunication 5.0 to XDIS91 (XD9134L): MedCom's mapping table of January 2026, direction FHIR to OIOXML.

  Source: the message as a FHIR XML tree. Result: an Emessage whose Text01 is plain text with newlines; the caller turns
  those into Break. Everything that needs a clock's zone, an order in time or chance comes as a parameter.
  Whatever carries a row of the tables bears its id in row:id, so that the row can be taken out by name.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns="http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
                xmlns:f="http://hl7.org/fhir" xmlns:str="http://exslt.org/strings" xmlns:row="urn:vansim:row"
                exclude-result-prefixes="f str row">

  <xsl:output method="xml" indent="no"/>

  <!-- Identifiers of 14 characters, drawn when the message was accepted. -->
  <xsl:param name="envelope-identifier"/>
  <xsl:param name="letter-identifier"/>
  <!-- Bundle.timestamp in Danish local time: YYYY-MM-DD and HH:MM. -->
  <xsl:param name="sent-date"/>
  <xsl:param name="sent-time"/>
  <!-- Text payloads, newest first, as "position@YYYY-MM-DDTHH:MM" with a blank between; positions count all payloads. -->
  <xsl:param name="segments"/>
  <!-- Attachments that came without content, in the same form, in document order; the time may be missing. -->
  <xsl:param name="notes"/>
  <!-- What Reference holds: links as their position, attachments in the XBIN01 beside this letter as
       "position@UUID@ObjectCode@ObjectExtensionCode@size". The caller parts more than ten among several letters. -->
  <xsl:param name="references"/>
  <!-- Links that only the text can hold, by position. -->
  <xsl:param name="link-lines"/>
  <!-- What the Provenance of this MessageHeader says was done: new-message, reply-message or forward-message. -->
  <xsl:param name="activity"/>
  <!-- The directory's word on both parties: used where the message is silent, and always for the receiver's identifier. -->
  <xsl:param name="sender-gln"/>
  <xsl:param name="sender-sor"/>
  <xsl:param name="sender-name"/>
  <xsl:param name="receiver-gln"/>
  <xsl:param name="receiver-identifier"/>
  <xsl:param name="receiver-identifier-code"/>
  <!-- Danish displays as "|code=display|code=display|". -->
  <xsl:param name="categories"/>
  <xsl:param name="roles"/>
  <!-- "true" lets the episode identifier of the national patient register win over the sender's own. -->
  <xsl:param name="lpr3-first"/>

  <!-- A reference resolves by full address or by type and id, never by position. -->
  <xsl:key name="target" match="f:resource/*" use="concat(local-name(), '/', f:id/@value)"/>
  <xsl:key name="target" match="f:resource/*" use="../../f:fullUrl/@value"/>
  <!-- "#id" means a resource contained in the one that refers to it, or beside the one that does. -->
  <xsl:key name="target" match="f:contained/*" use="concat(generate-id(ancestor::*[parent::f:resource]), '#', f:id/@value)"/>

  <!-- A payload by its position among all of them: the parameters name payloads so. -->
  <xsl:key name="payload" match="f:Communication/f:payload" use="count(preceding-sibling::f:payload) + 1"/>

  <xsl:variable name="core" select="'http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-'"/>
  <!-- What may stand in a text but not in a field of one line; each becomes a blank. -->
  <xsl:variable name="controls" select="'&#9;&#10;&#13;'"/>

  <xsl:variable name="header" select="/f:Bundle/f:entry/f:resource/f:MessageHeader"/>
  <xsl:variable name="focus" select="$header/f:focus/f:reference/@value"/>
  <xsl:variable name="communication"
                select="(key('target', $focus) | key('target', concat('Communication/', substring-after($focus, '/Communication/'))))[self::f:Communication][1]"/>
  <xsl:variable name="payloads" select="$communication/f:payload"/>
  <xsl:variable name="patient" select="/f:Bundle/f:entry/f:resource/f:Patient"/>

  <xsl:variable name="sender-reference" select="$header/f:sender/f:reference/@value"/>
  <xsl:variable name="sender"
                select="(key('target', $sender-reference) | key('target', concat('Organization/', substring-after($sender-reference, '/Organization/'))))[self::f:Organization][1]"/>
  <xsl:variable name="receiver-reference"
                select="$header/f:destination[f:extension/f:valueCoding/f:code/@value = 'primary' or not(f:extension)][1]/f:receiver/f:reference/@value"/>
  <xsl:variable name="receiver"
                select="(key('target', $receiver-reference) | key('target', concat('Organization/', substring-after($receiver-reference, '/Organization/'))))[self::f:Organization][1]"/>
  <xsl:variable name="encounter-reference" select="$communication/f:encounter/f:reference/@value"/>
  <xsl:variable name="encounter"
                select="(key('target', $encounter-reference) | key('target', concat('Encounter/', substring-after($encounter-reference, '/Encounter/'))))[self::f:Encounter][1]"/>

  <xsl:variable name="category" select="$communication/f:category/f:coding/f:code/@value"/>
  <xsl:variable name="newest-token" select="substring-before(concat($segments, ' '), ' ')"/>
  <xsl:variable name="newest" select="$payloads[number(substring-before($newest-token, '@'))]"/>

  <!-- CPR, then the national replacement number, then a local one; systems decide, not digits. -->
  <xsl:variable name="cpr" select="$patient/f:identifier[f:system/@value = 'urn:oid:1.2.208.176.1.2'][f:value/@value]"/>
  <xsl:variable name="national" select="$patient/f:identifier[f:system/@value = 'urn:oid:1.2.208.176.1.6.1.1'][f:value/@value]"/>
  <xsl:variable name="local"
                select="$patient/f:identifier[f:system/@value = 'urn:oid:1.2.208.176.1.6.1.3' or starts-with(f:system/@value, 'urn:oid:1.2.208.176.1.6.1.3.')][f:value/@value]"/>
  <xsl:variable name="alternative" select="($national[1] | $local[not($national)][1])[not($cpr)]"/>
  <xsl:variable name="chosen" select="$cpr[1] | $alternative"/>

  <xsl:template match="/">
    <Emessage>
      <Envelope>
        <Sent>
          <Date row:id="CX-sent-date"><xsl:value-of select="$sent-date"/></Date>
          <Time row:id="CX-sent-time"><xsl:value-of select="$sent-time"/></Time>
        </Sent>
        <Identifier row:id="CX-envelope-identifier"><xsl:value-of select="$envelope-identifier"/></Identifier>
        <AcknowledgementCode row:id="CX-acknowledgement-code">pluspositivkvitt</AcknowledgementCode>
      </Envelope>
      <ClinicalEmail>
        <xsl:call-template name="letter"/>
        <xsl:call-template name="sender"/>
        <xsl:call-template name="receiver"/>
        <xsl:call-template name="patient"/>
        <xsl:call-template name="additional-information"/>
        <ClinicalInformation>
          <Text01>
            <xsl:call-template name="text"/>
          </Text01>
        </ClinicalInformation>
        <xsl:for-each select="str:tokenize($references, ' ')">
          <xsl:variable name="position" select="substring-before(concat(., '@'), '@')"/>
          <xsl:variable name="said" select="str:tokenize(substring-after(., '@'), '@')"/>
          <xsl:for-each select="$communication">
            <xsl:variable name="attachment" select="key('payload', $position)[count(.. | $communication) = 1]/f:contentAttachment"/>
            <xsl:apply-templates select="$attachment[not($said)]" mode="link"/>
            <xsl:apply-templates select="$attachment[$said]" mode="object">
              <xsl:with-param name="said" select="$said"/>
            </xsl:apply-templates>
          </xsl:for-each>
        </xsl:for-each>
      </ClinicalEmail>
    </Emessage>
  </xsl:template>

  <xsl:template name="letter">
    <Letter>
      <Identifier row:id="CX-letter-identifier"><xsl:value-of select="$letter-identifier"/></Identifier>
      <VersionCode row:id="CX-version-code">XD9134L</VersionCode>
      <StatisticalCode row:id="CX-statistical-code">XDIS91</StatisticalCode>
      <Authorisation>
        <Date row:id="CX-authorisation-date">
          <xsl:value-of select="substring-before(substring-after($newest-token, '@'), 'T')"/>
        </Date>
        <Time row:id="CX-authorisation-time">
          <xsl:value-of select="substring-after($newest-token, 'T')"/>
        </Time>
      </Authorisation>
      <TypeCode row:id="CX-type-code">XDIS91</TypeCode>
      <StatusCode row:id="CX-status-code">nytbrev</StatusCode>
      <xsl:call-template name="episode-identifier"/>
    </Letter>
  </xsl:template>

  <!-- The test protocol and governance let the locally defined identifier win, the mapping table LPR3: a setting decides. -->
  <xsl:template name="episode-identifier">
    <xsl:variable name="all" select="$encounter/f:episodeOfCare/f:identifier[f:value/@value]"/>
    <xsl:variable name="lpr3" select="$all[f:system/@value = 'https://www.esundhed.dk/Registre/Landspatientregisteret']"/>
    <xsl:variable name="own" select="$all[not(f:system/@value = 'https://www.esundhed.dk/Registre/Landspatientregisteret')]"/>
    <xsl:variable name="identifier">
      <xsl:choose>
        <xsl:when test="$lpr3 and $lpr3-first = 'true'" row:id="CX-episode-lpr3-first"><xsl:value-of select="$lpr3[1]/f:value/@value"/></xsl:when>
        <xsl:when test="$own" row:id="CX-episode-own-first"><xsl:value-of select="$own[1]/f:value/@value"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$all[1]/f:value/@value"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="bare">
      <xsl:if test="starts-with($identifier, 'urn:uuid:')" row:id="CX-episode-uuid"><xsl:value-of select="substring($identifier, 10)"/></xsl:if>
      <xsl:if test="not(starts-with($identifier, 'urn:uuid:'))"><xsl:value-of select="$identifier"/></xsl:if>
    </xsl:variable>
    <xsl:if test="$bare != ''" row:id="CX-episode-identifier">
      <EpisodeOfCareIdentifier><xsl:value-of select="substring(translate($bare, '-', ''), 1, 35)"/></EpisodeOfCareIdentifier>
    </xsl:if>
  </xsl:template>

  <xsl:template name="sender">
    <xsl:variable name="gln" select="$sender/f:identifier[f:system/@value = 'https://www.gs1.org/gln' or f:system/@value = 'http://www.gs1.org/gln' or f:system/@value = 'urn:oid:1.3.88'][1]/f:value/@value"/>
    <xsl:variable name="sor" select="$sender/f:identifier[f:system/@value = 'urn:oid:1.2.208.176.1.1'][1]/f:value/@value"/>
    <Sender>
      <EANIdentifier>
        <xsl:if test="$gln" row:id="CX-sender-gln"><xsl:value-of select="$gln"/></xsl:if>
        <xsl:if test="not($gln)"><xsl:value-of select="$sender-gln"/></xsl:if>
      </EANIdentifier>
      <Identifier>
        <xsl:if test="$sor" row:id="CX-sender-sor"><xsl:value-of select="$sor"/></xsl:if>
        <xsl:if test="not($sor)"><xsl:value-of select="$sender-sor"/></xsl:if>
      </Identifier>
      <IdentifierCode row:id="CX-sender-identifier-code">sorkode</IdentifierCode>
      <OrganisationName>
        <xsl:choose>
          <xsl:when test="normalize-space($sender/f:name/@value)" row:id="CX-sender-name">
            <xsl:value-of select="substring(translate($sender/f:name/@value, $controls, '   '), 1, 35)"/>
          </xsl:when>
          <xsl:when test="normalize-space($sender-name)" row:id="CX-sender-name-fallback"><xsl:value-of select="substring($sender-name, 1, 35)"/></xsl:when>
          <xsl:otherwise><xsl:value-of select="concat('SOR ', $sender-sor)"/></xsl:otherwise>
        </xsl:choose>
      </OrganisationName>
      <xsl:variable name="contact" select="$newest/f:extension[@url = concat($core, 'contact-extension')]/f:valueContactPoint/f:value/@value"/>
      <xsl:if test="normalize-space($contact)" row:id="CX-author-contact">
        <TelephoneSubscriberIdentifier><xsl:value-of select="substring(translate($contact, $controls, '   '), 1, 25)"/></TelephoneSubscriberIdentifier>
      </xsl:if>
    </Sender>
  </xsl:template>

  <xsl:template name="receiver">
    <xsl:variable name="gln" select="$receiver/f:identifier[f:system/@value = 'https://www.gs1.org/gln' or f:system/@value = 'http://www.gs1.org/gln' or f:system/@value = 'urn:oid:1.3.88'][1]/f:value/@value"/>
    <Receiver>
      <EANIdentifier>
        <xsl:if test="$gln" row:id="CX-receiver-gln"><xsl:value-of select="$gln"/></xsl:if>
        <xsl:if test="not($gln)"><xsl:value-of select="$receiver-gln"/></xsl:if>
      </EANIdentifier>
      <Identifier row:id="CX-receiver-identifier"><xsl:value-of select="$receiver-identifier"/></Identifier>
      <IdentifierCode row:id="CX-receiver-identifier-code"><xsl:value-of select="$receiver-identifier-code"/></IdentifierCode>
      <xsl:if test="normalize-space($receiver/f:name/@value)" row:id="CX-receiver-name">
        <OrganisationName><xsl:value-of select="substring(translate($receiver/f:name/@value, $controls, '   '), 1, 35)"/></OrganisationName>
      </xsl:if>
    </Receiver>
  </xsl:template>

  <xsl:template name="patient">
    <xsl:variable name="name" select="($patient/f:name[f:use/@value = 'official'][1] | $patient/f:name[not($patient/f:name/f:use/@value = 'official')][1])[1]"/>
    <xsl:variable name="address" select="$patient/f:address[not(f:use/@value = 'old')][1]"/>
    <Patient>
      <xsl:if test="$cpr" row:id="CX-patient-cpr">
        <CivilRegistrationNumber><xsl:value-of select="$cpr[1]/f:value/@value"/></CivilRegistrationNumber>
      </xsl:if>
      <xsl:if test="$alternative" row:id="CX-patient-alternative">
        <AlternativeIdentifier><xsl:value-of select="$alternative/f:value/@value"/></AlternativeIdentifier>
      </xsl:if>
      <PersonSurnameName>
        <xsl:if test="normalize-space($name/f:family/@value)" row:id="CX-patient-surname"><xsl:value-of select="substring(translate($name/f:family/@value, $controls, '   '), 1, 70)"/></xsl:if>
        <xsl:if test="not(normalize-space($name/f:family/@value))" row:id="CX-patient-surname-unknown">Ukendt</xsl:if>
      </PersonSurnameName>
      <xsl:if test="normalize-space($name/f:given/@value)" row:id="CX-patient-given">
        <xsl:variable name="given"><xsl:call-template name="joined"><xsl:with-param name="values" select="$name/f:given/@value"/></xsl:call-template></xsl:variable>
        <PersonGivenName><xsl:value-of select="substring($given, 1, 70)"/></PersonGivenName>
      </xsl:if>
      <xsl:if test="normalize-space($address/f:line/@value)" row:id="CX-patient-street">
        <xsl:variable name="street">
          <xsl:call-template name="joined">
            <xsl:with-param name="values" select="$address/f:line/@value"/>
            <xsl:with-param name="separator" select="', '"/>
          </xsl:call-template>
        </xsl:variable>
        <StreetName><xsl:value-of select="substring($street, 1, 35)"/></StreetName>
      </xsl:if>
      <xsl:if test="normalize-space($address/f:city/@value)" row:id="CX-patient-city">
        <DistrictName><xsl:value-of select="substring(translate($address/f:city/@value, $controls, '   '), 1, 35)"/></DistrictName>
      </xsl:if>
      <xsl:if test="normalize-space($address/f:postalCode/@value)" row:id="CX-patient-post-code">
        <PostCodeIdentifier><xsl:value-of select="substring(translate($address/f:postalCode/@value, $controls, '   '), 1, 9)"/></PostCodeIdentifier>
      </xsl:if>
      <EpisodeOfCareStatusCode><xsl:call-template name="status"/></EpisodeOfCareStatusCode>
    </Patient>
  </xsl:template>

  <!-- Any combination outside the table, and no encounter at all, is inaktiv; AMB is never ambulant_roentgen. -->
  <xsl:template name="status">
    <xsl:variable name="class" select="$encounter/f:class/f:code/@value"/>
    <xsl:variable name="state" select="$encounter/f:status/@value"/>
    <xsl:variable name="deceased" select="$patient/f:deceasedBoolean/@value = 'true' or $patient/f:deceasedDateTime"/>
    <xsl:choose>
      <xsl:when test="$class = 'IMP' and $state = 'in-progress' and not($deceased)" row:id="CX-status-indlagt">indlagt</xsl:when>
      <xsl:when test="$class = 'AMB' and $state = 'in-progress' and not($deceased)" row:id="CX-status-ambulant">ambulant</xsl:when>
      <xsl:when test="$class = 'other' and $state = 'finished' and $deceased" row:id="CX-status-doed">doed</xsl:when>
      <xsl:otherwise row:id="CX-status-inaktiv">inaktiv</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="additional-information">
    <xsl:variable name="display" select="substring-before(substring-after($categories, concat('|', $category, '=')), '|')"/>
    <xsl:variable name="topic" select="translate($communication/f:topic/f:text/@value, $controls, '   ')"/>
    <xsl:variable name="subject">
      <xsl:if test="$display" row:id="CX-category"><xsl:value-of select="$display"/></xsl:if>
      <xsl:if test="not($display)"><xsl:value-of select="$category"/></xsl:if>
      <xsl:if test="normalize-space($topic)" row:id="CX-topic">
        <xsl:if test="$category">, </xsl:if>
        <xsl:value-of select="$topic"/>
      </xsl:if>
    </xsl:variable>
    <AdditionalInformation>
      <xsl:if test="$category = 'regarding-referral'">
        <xsl:choose>
          <xsl:when test="$communication/f:priority/@value = 'asap'" row:id="CX-priority-asap"><Priority>høj_prioritet</Priority></xsl:when>
          <xsl:when test="$communication/f:priority/@value = 'routine'" row:id="CX-priority-routine"><Priority>rutine</Priority></xsl:when>
        </xsl:choose>
      </xsl:if>
      <xsl:if test="$subject != ''" row:id="CX-subject">
        <Subject><xsl:value-of select="substring($subject, 1, 70)"/></Subject>
      </xsl:if>
    </AdditionalInformation>
  </xsl:template>

  <!-- The newest segment first, as its author wrote it; then, each on a line of its own, what XDIS91 has no field for. -->
  <xsl:template name="text">
    <xsl:variable name="written" select="$newest/f:contentString/@value"/>
    <xsl:value-of select="$written" row:id="CX-text"/>
    <xsl:if test="substring($written, string-length($written)) != '&#10;'"><xsl:text>&#10;</xsl:text></xsl:if>
    <xsl:apply-templates select="$newest" mode="author"/>
    <xsl:apply-templates select="$communication/f:extension[@url = concat($core, 'sender-extension')]/f:valueReference" mode="specific" row:id="CX-specific-sender">
      <xsl:with-param name="label">Specifik afsender: </xsl:with-param>
    </xsl:apply-templates>
    <xsl:apply-templates select="$communication/f:recipient" mode="specific" row:id="CX-specific-recipient">
      <xsl:with-param name="label">Specifik modtager: </xsl:with-param>
    </xsl:apply-templates>
    <xsl:if test="count($cpr | $national | $local) &gt; 1" row:id="CX-patient-extra-identifiers">
      <xsl:text>Der er modtaget flere end et CPR-nummer i korrespondancemeddelelsen. Derfor er de resterende medsendte CPR-numre indsat her&#10;</xsl:text>
      <xsl:for-each select="($cpr | $national | $local)[count(. | $chosen) &gt; count($chosen)]">
        <xsl:value-of select="concat(f:value/@value, '&#10;')"/>
      </xsl:for-each>
    </xsl:if>
    <xsl:if test="$activity = 'reply-message'" row:id="CX-remark-reply">
      <xsl:text>Denne meddelelse er et svar på en tidligere meddelelse.&#10;</xsl:text>
    </xsl:if>
    <xsl:if test="$activity = 'forward-message'" row:id="CX-remark-forward">
      <xsl:text>Denne meddelelse er en videresendelse af en tidligere meddelelse.&#10;</xsl:text>
    </xsl:if>
    <xsl:for-each select="str:tokenize($segments, ' ')[position() &gt; 1]" row:id="CX-thread">
      <xsl:variable name="position" select="substring-before(., '@')"/>
      <xsl:variable name="moment" select="substring-after(., '@')"/>
      <xsl:for-each select="$communication">
        <xsl:apply-templates select="key('payload', $position)[count(.. | $communication) = 1]" mode="earlier">
          <xsl:with-param name="moment" select="$moment"/>
        </xsl:apply-templates>
      </xsl:for-each>
    </xsl:for-each>
    <xsl:if test="$link-lines != '' or $notes != ''">
      <xsl:text>&#10;</xsl:text>
    </xsl:if>
    <xsl:for-each select="str:tokenize($link-lines, ' ')" row:id="CX-url-text">
      <xsl:variable name="position" select="string()"/>
      <xsl:for-each select="$communication">
        <xsl:apply-templates select="key('payload', $position)[count(.. | $communication) = 1]/f:contentAttachment" mode="line"/>
      </xsl:for-each>
    </xsl:for-each>
    <xsl:for-each select="str:tokenize($notes, ' ')" row:id="CX-attachment-note">
      <xsl:variable name="position" select="substring-before(., '@')"/>
      <xsl:variable name="moment" select="substring-after(., '@')"/>
      <xsl:for-each select="$communication">
        <xsl:apply-templates select="key('payload', $position)[count(.. | $communication) = 1]/f:contentAttachment" mode="note">
          <xsl:with-param name="moment" select="$moment"/>
        </xsl:apply-templates>
      </xsl:for-each>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="f:payload" mode="author">
    <xsl:variable name="reference" select="f:extension[@url = concat($core, 'practitioner-extension')]/f:valueReference/f:reference/@value"/>
    <xsl:variable name="author"
                  select="(key('target', $reference) | key('target', concat(generate-id(ancestor-or-self::*[parent::f:resource]), $reference)) | key('target', concat('PractitionerRole/', substring-after($reference, '/PractitionerRole/'))))[self::f:PractitionerRole][1]"/>
    <xsl:variable name="name"><xsl:apply-templates select="$author" mode="name"/></xsl:variable>
    <xsl:variable name="role"><xsl:apply-templates select="$author" mode="role"/></xsl:variable>
    <xsl:if test="$name != ''" row:id="CX-author-name"><xsl:value-of select="concat('Forfatter: ', $name, '&#10;')"/></xsl:if>
    <xsl:if test="$role != ''" row:id="CX-author-role"><xsl:value-of select="concat('Stilling: ', $role, '&#10;')"/></xsl:if>
  </xsl:template>

  <!-- Who wrote an earlier segment and when stands above it, after an empty line. -->
  <xsl:template match="f:payload" mode="earlier">
    <xsl:param name="moment"/>
    <xsl:variable name="reference" select="f:extension[@url = concat($core, 'practitioner-extension')]/f:valueReference/f:reference/@value"/>
    <xsl:variable name="author"
                  select="(key('target', $reference) | key('target', concat(generate-id(ancestor-or-self::*[parent::f:resource]), $reference)) | key('target', concat('PractitionerRole/', substring-after($reference, '/PractitionerRole/'))))[self::f:PractitionerRole][1]"/>
    <xsl:variable name="assigner" select="f:extension[@url = concat($core, 'identifier-extension')]/f:valueIdentifier/f:assigner/f:reference/@value"/>
    <xsl:variable name="organization"
                  select="(key('target', $assigner) | key('target', concat(generate-id(ancestor-or-self::*[parent::f:resource]), $assigner)) | key('target', concat('Organization/', substring-after($assigner, '/Organization/'))))[self::f:Organization][1]"/>
    <xsl:variable name="contact" select="f:extension[@url = concat($core, 'contact-extension')]/f:valueContactPoint/f:value/@value"/>
    <xsl:variable name="name"><xsl:apply-templates select="$author" mode="name"/></xsl:variable>
    <xsl:variable name="role"><xsl:apply-templates select="$author" mode="role"/></xsl:variable>
    <xsl:text>&#10;Skrevet</xsl:text>
    <xsl:call-template name="moment"><xsl:with-param name="moment" select="$moment"/></xsl:call-template>
    <xsl:if test="$name != ''"><xsl:value-of select="concat(' af ', $name)"/></xsl:if>
    <xsl:if test="$role != ''"><xsl:value-of select="concat(', ', $role)"/></xsl:if>
    <xsl:if test="$organization/f:name/@value"><xsl:value-of select="concat(', ', translate($organization/f:name/@value, $controls, '   '))"/></xsl:if>
    <xsl:if test="$contact"><xsl:value-of select="concat(', tlf. ', translate($contact, $controls, '   '))"/></xsl:if>
    <xsl:text>:&#10;</xsl:text>
    <xsl:value-of select="f:contentString/@value"/>
    <xsl:if test="substring(f:contentString/@value, string-length(f:contentString/@value)) != '&#10;'"><xsl:text>&#10;</xsl:text></xsl:if>
  </xsl:template>

  <xsl:template match="f:contentAttachment" mode="line">
    <xsl:text>Link: </xsl:text>
    <xsl:if test="normalize-space(f:title/@value)"><xsl:value-of select="concat(translate(f:title/@value, $controls, '   '), ' ')"/></xsl:if>
    <xsl:value-of select="concat(translate(f:url/@value, $controls, '   '), '&#10;')"/>
  </xsl:template>

  <!-- A reply repeats an earlier attachment without its content; a Reference would make the receiver wait for it. -->
  <xsl:template match="f:contentAttachment" mode="note">
    <xsl:param name="moment"/>
    <xsl:text>Bilag fra en tidligere meddelelse, ikke medsendt her: </xsl:text>
    <xsl:value-of select="translate(f:title/@value, $controls, '   ')"/>
    <xsl:if test="$moment != ''">
      <xsl:text>, sendt</xsl:text>
      <xsl:call-template name="moment"><xsl:with-param name="moment" select="$moment"/></xsl:call-template>
    </xsl:if>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <!-- A specific sender or recipient: a person with a role, or a care team with the organisation that manages it. -->
  <xsl:template match="*" mode="specific">
    <xsl:param name="label"/>
    <xsl:variable name="reference" select="f:reference/@value"/>
    <xsl:variable name="party"
                  select="(key('target', $reference) | key('target', concat(generate-id(ancestor-or-self::*[parent::f:resource]), $reference)) | key('target', concat('PractitionerRole/', substring-after($reference, '/PractitionerRole/'))) | key('target', concat('CareTeam/', substring-after($reference, '/CareTeam/'))))[self::f:PractitionerRole or self::f:CareTeam][1]"/>
    <xsl:variable name="name"><xsl:apply-templates select="$party" mode="name"/></xsl:variable>
    <xsl:variable name="role"><xsl:apply-templates select="$party" mode="role"/></xsl:variable>
    <xsl:if test="$name != '' or $role != ''">
      <xsl:value-of select="concat($label, $name)"/>
      <xsl:if test="$name != '' and $role != ''">, </xsl:if>
      <xsl:value-of select="concat($role, '&#10;')"/>
    </xsl:if>
  </xsl:template>

  <xsl:template match="f:PractitionerRole" mode="name">
    <xsl:variable name="reference" select="f:practitioner/f:reference/@value"/>
    <xsl:variable name="name"
                  select="(key('target', $reference) | key('target', concat(generate-id(ancestor-or-self::*[parent::f:resource]), $reference)) | key('target', concat('Practitioner/', substring-after($reference, '/Practitioner/'))))[self::f:Practitioner][1]/f:name[1]"/>
    <xsl:choose>
      <xsl:when test="$name/f:family | $name/f:given">
        <xsl:variable name="given"><xsl:call-template name="joined"><xsl:with-param name="values" select="$name/f:given/@value"/></xsl:call-template></xsl:variable>
        <xsl:value-of select="$given"/>
        <xsl:if test="$given != '' and $name/f:family">
          <xsl:text> </xsl:text>
        </xsl:if>
        <xsl:value-of select="translate($name/f:family/@value, $controls, '   ')"/>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="translate($name/f:text/@value, $controls, '   ')"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="f:CareTeam" mode="name">
    <xsl:value-of select="translate(f:name/@value, $controls, '   ')"/>
  </xsl:template>

  <!-- The Danish display of a known code; else what the message says itself; else the code. -->
  <xsl:template match="f:PractitionerRole" mode="role">
    <xsl:variable name="known" select="f:code/f:coding/f:code/@value[contains($roles, concat('|', ., '='))]"/>
    <xsl:variable name="code" select="f:code/f:coding/f:code/@value"/>
    <xsl:choose>
      <xsl:when test="$known"><xsl:value-of select="substring-before(substring-after($roles, concat('|', $known, '=')), '|')"/></xsl:when>
      <xsl:when test="f:code/f:coding/f:display"><xsl:value-of select="translate(f:code/f:coding/f:display/@value, $controls, '   ')"/></xsl:when>
      <xsl:when test="f:code/f:text"><xsl:value-of select="translate(f:code/f:text/@value, $controls, '   ')"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="$code"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="f:CareTeam" mode="role">
    <xsl:variable name="reference" select="f:managingOrganization/f:reference/@value"/>
    <xsl:variable name="organization"
                  select="(key('target', $reference) | key('target', concat(generate-id(ancestor-or-self::*[parent::f:resource]), $reference)) | key('target', concat('Organization/', substring-after($reference, '/Organization/'))))[self::f:Organization][1]"/>
    <xsl:value-of select="translate($organization/f:name/@value, $controls, '   ')"/>
  </xsl:template>

  <xsl:template match="f:contentAttachment" mode="link">
    <Reference row:id="CX-url">
      <RefDescription>
        <xsl:if test="normalize-space(f:title/@value)" row:id="CX-url-title"><xsl:value-of select="substring(translate(f:title/@value, $controls, '   '), 1, 70)"/></xsl:if>
        <xsl:if test="not(normalize-space(f:title/@value))">Link</xsl:if>
      </RefDescription>
      <URL><xsl:value-of select="f:url/@value"/></URL>
    </Reference>
  </xsl:template>

  <!-- An attachment whose content travels in the XBIN01; both letters name it by the same UUID, here without hyphens. -->
  <xsl:template match="f:contentAttachment" mode="object">
    <xsl:param name="said"/>
    <Reference>
      <RefDescription>
        <xsl:if test="normalize-space(f:title/@value)" row:id="CX-attachment-title"><xsl:value-of select="substring(translate(f:title/@value, $controls, '   '), 1, 70)"/></xsl:if>
        <xsl:if test="not(normalize-space(f:title/@value))" row:id="CX-attachment-untitled">Bilag</xsl:if>
      </RefDescription>
      <BIN>
        <ObjectIdentifier row:id="CX-attachment-identifier"><xsl:value-of select="translate($said[1], '-', '')"/></ObjectIdentifier>
        <ObjectCode row:id="CX-attachment-type"><xsl:value-of select="$said[2]"/></ObjectCode>
        <ObjectExtensionCode row:id="CX-attachment-extension"><xsl:value-of select="$said[3]"/></ObjectExtensionCode>
        <OriginalObjectSize row:id="CX-attachment-size"><xsl:value-of select="$said[4]"/></OriginalObjectSize>
      </BIN>
    </Reference>
  </xsl:template>

  <!-- " 14-09-2024 kl. 13:00" -->
  <xsl:template name="moment">
    <xsl:param name="moment"/>
    <xsl:value-of select="concat(' ', substring($moment, 9, 2), '-', substring($moment, 6, 2), '-', substring($moment, 1, 4), ' kl. ', substring($moment, 12, 5))"/>
  </xsl:template>

  <xsl:template name="joined">
    <xsl:param name="values"/>
    <xsl:param name="separator" select="' '"/>
    <xsl:for-each select="$values[normalize-space()]">
      <xsl:if test="position() &gt; 1"><xsl:value-of select="$separator"/></xsl:if>
      <xsl:value-of select="translate(., $controls, '   ')"/>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
